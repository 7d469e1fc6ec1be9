using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>Turns what a supervisor saw of a worker that gave no result into a result that a stranger can act on.</summary>
internal sealed class PhaseVerdict(PhaseOrder order)
{
    public const string CrashCode = "TITER204";
    public const string OutOfMemoryCode = "TITER213";

    private const int Aborted = 134;
    private const int Killed = 137;
    private const int SegmentationFault = 139;

    /// <summary>What the worker last said that it does.</summary>
    public PhaseStage Stage { get; set; } = PhaseStage.Loading;

    private string While => Stage == PhaseStage.Playing ? "the plugin ran" : $"the host was {Stage.ToString().ToLowerInvariant()}";

    public PhaseResult TimedOut(bool pluginOverran) => order.Phase.Failed(PhaseStatus.Timeout, "TITER203", pluginOverran
        ? $"Killed after {order.Limits.WallSeconds:0.##} s of the plugin's own time. Give the phase more seconds (budget), or make the plugin observe context.Cancellation and its budget."
        : $"Killed: the host's own work ({Stage}) took over {PhaseClock.HostAllowance.TotalMinutes:0} minutes.");

    /// <summary>Without the figure that was seen: it depends on when the watch looked, and the same run must read the same.</summary>
    public PhaseResult OutOfMemory() => order.Phase.Failed(PhaseStatus.Error, OutOfMemoryCode, OutOfMemoryReason(order.Limits));

    public PhaseResult NotTheProtocol(string fact) => order.Phase.Failed(
        PhaseStatus.Error, CrashCode, $"The worker sent something that is not a message ({fact}). The plugin wrote to the host's pipe; it must not.");

    public PhaseResult Crashed(int exitCode, string lastWords) => order.Phase.Failed(PhaseStatus.Error, CrashCode,
        $"The worker ended with exit code {exitCode} and no result while {While}. {Advice(exitCode, lastWords)} "
        + (lastWords.Length == 0 ? "It printed nothing." : $"It said: {lastWords}"));

    public static string OutOfMemoryReason(PhaseLimits limits) =>
        $"The plugin used more than its {limits.MemoryMegabytes:0} MB of memory. Dispose tensors (a dispose scope per step), or give the phase more megabytes (budget).";

    private static string Advice(int exitCode, string lastWords) => exitCode switch
    {
        Aborted when lastWords.Contains("Unhandled exception", StringComparison.Ordinal) => "An exception on a thread or in a finalizer of the plugin's own ends the process: catch it there.",
        Aborted when lastWords.Contains("Stack overflow", StringComparison.Ordinal) => "The plugin recursed without end.",
        Aborted when lastWords.Contains("Process terminated", StringComparison.Ordinal) => "A plugin must throw, not end the process.",
        Aborted => "A native error aborts a process: check shapes and types, and prefer mm, bmm and linear to matmul.",
        Killed => "The system killed it, most likely for want of memory: use fewer lanes or less memory.",
        SegmentationFault => "Native code touched memory that is not its own.",
        _ => "A plugin must return, not end the process.",
    };
}
