using Titer.Runtime.Phases;
using Titer.Runtime.Plugins;
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

    /// <param name="failed">The allocation that failed. It is told only where it alone is too large, which is the same in every run: whether the watch or the allocator notices a slow growth first is not.</param>
    public static string OutOfMemoryReason(PhaseLimits limits, MemoryRequest? failed = null)
    {
        var asked = failed is not null && !(failed.Megabytes <= limits.MemoryMegabytes) ? $" It asked for {failed} at once." : "";
        return limits.MemoryMegabytes is { } megabytes
            ? $"The plugin used more than its {megabytes:0} MB of memory.{asked} Dispose tensors (a dispose scope per step), or give the phase more megabytes (budget)."
            : $"The machine has no more memory for the plugin.{asked} Dispose tensors (a dispose scope per step), or use fewer lanes.";
    }

    /// <param name="who">Begins the sentence.</param>
    public static string OutOfGpuMemoryReason(string who, MemoryRequest? failed) =>
        $"{who} found no room on the GPU{(failed is null ? "" : $" for the {failed} that it asked for at once")}. Dispose tensors (a dispose scope per step), use smaller batches, fewer lanes per GPU (--lanes), or a GPU with more memory.";

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
