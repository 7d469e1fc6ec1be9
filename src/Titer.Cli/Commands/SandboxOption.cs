using System.CommandLine;
using Titer.Runtime.Workers;

namespace Titer.Cli.Commands;

/// <summary><c>--sandbox auto|on|landlock|off</c>.</summary>
internal sealed class SandboxOption : Option<string>
{
    public SandboxOption()
        : base("--sandbox")
    {
        Description =
            "auto: bubblewrap where it works, else Landlock, which is weaker; on: bubblewrap, or refuse to run; landlock: that, or refuse to "
                + "run; off.";
        DefaultValueFactory = _ => "auto";
        this.AcceptOnlyFromAmong("auto", "on", "landlock", "off");
    }

    public SandboxMode Of(ParseResult parsed) => Enum.Parse<SandboxMode>(parsed.GetValue(this)!, ignoreCase: true);
}
