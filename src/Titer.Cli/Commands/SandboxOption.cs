using System.CommandLine;
using Titer.Runtime.Workers;

namespace Titer.Cli.Commands;

/// <summary><c>--sandbox auto|on|off</c>.</summary>
internal sealed class SandboxOption : Option<string>
{
    public SandboxOption()
        : base("--sandbox")
    {
        Description = "auto: bubblewrap where it works; on: refuse to run without; off.";
        DefaultValueFactory = _ => "auto";
        this.AcceptOnlyFromAmong("auto", "on", "off");
    }

    public SandboxMode Of(ParseResult parsed) => Enum.Parse<SandboxMode>(parsed.GetValue(this)!, ignoreCase: true);
}
