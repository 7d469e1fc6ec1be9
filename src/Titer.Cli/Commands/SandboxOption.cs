using System.CommandLine;
using Titer.Runtime.Workers;

namespace Titer.Cli.Commands;

/// <summary><c>--sandbox auto|on|off</c>.</summary>
internal static class SandboxOption
{
    public static Option<SandboxMode> Create() => new("--sandbox")
    {
        Description = "auto: bubblewrap where it works; on: refuse to run without; off.",
        DefaultValueFactory = _ => SandboxMode.Auto,
    };
}

/// <summary>The program that plays phases, beside this one.</summary>
internal static class WorkerProgram
{
    public static string Dll { get; } = Path.Combine(AppContext.BaseDirectory, "worker", "Titer.Worker.dll");
}
