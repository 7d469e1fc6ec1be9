using System.Globalization;
using Titer.Files;
using Titer.Plugins;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>Turns what a supervisor saw of a worker that gave no result into a result that a stranger can act on.</summary>
internal sealed class PhaseVerdict(PhaseOrder order)
{
    public const string CrashCode = "TITER204";
    /// <summary>What the worker sent is nothing that the host sends.</summary>
    public const string RefusedCode = "TITER227";
    public const string QuotaCode = "TITER238";
    public const string OutOfMemoryCode = "TITER213";

    /// <summary>The host's own work may take any time, but not stand still: this long without processor time in one stretch is the end.</summary>
    public static readonly TimeSpan HostStandstill = TimeSpan.FromMinutes(10);

    private const int MostFactCharacters = 500;
    private const int Aborted = 134;
    private const int SegmentationFault = 139;

    /// <summary>128 and the signal: SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM. Workers ignore all of them but SIGKILL: somebody insisted.</summary>
    private static readonly int[] EndedFromOutside = [129, 130, 131, 137, 143];

    /// <summary>What the worker last said that it does.</summary>
    public PhaseStage Stage { get; private set; } = PhaseStage.Loading;

    /// <summary>Whether code of the plugin began to run.</summary>
    public bool PluginHasRun { get; private set; }

    private PluginCall Call { get; set; }

    private string While => Stage == PhaseStage.Playing ? CallText : $"the host was {Stage.ToString().ToLowerInvariant()}";

    private string CallText => Call switch
    {
        PluginCall.Load => "the plugin's module initializers or static fields ran",
        PluginCall.Constructor => "the plugin's constructor ran",
        PluginCall.Dispose => "the plugin's Dispose ran",
        _ => "the plugin ran",
    };

    /// <summary>Takes note of what the worker says that it does.</summary>
    public void Follow(PhaseProgress progress)
    {
        (Stage, Call) = (progress.Stage, progress.Call);
        PluginHasRun |= progress.Stage == PhaseStage.Playing;
    }

    /// <summary>Whether a process that ended so was ended by somebody else.</summary>
    public static bool IsEndedFromOutside(int exitCode) => EndedFromOutside.Contains(exitCode);

    /// <exception cref="MachineFaultException">The host's own work stood still before any code of a plugin ran.</exception>
    public PhaseResult TimedOut(bool pluginOverran) => pluginOverran || PluginHasRun
        ? order.Phase.Failed(PhaseStatus.Timeout, "TITER203", pluginOverran
            ? $"Killed after {order.Limits.WallSeconds.ToString("0.##", CultureInfo.InvariantCulture)} s of the plugin's own time, "
                + $"while {CallText}. {Remedy}"
            : $"Killed: the host's work on what the plugin left ({Stage.ToString().ToLowerInvariant()}) did not end. A plugin must leave nothing "
                + "on the model that waits or blocks.")
        : throw new MachineFaultException(MachineFaultException.HostWorkCode,
            $"A worker did nothing for {HostStandstill.TotalMinutes:0} minutes while {While}. Run 'titer doctor', then start the run again.");

    private string Remedy => Call == PluginCall.Method
        ? "Give the phase more seconds (budget), or make the plugin observe context.Cancellation and its budget."
        : "It must return at once.";

    /// <summary>It was ended by a signal each time that it was tried, and nothing else on this machine was: it did so itself.</summary>
    public PhaseResult KilledItself(int exitCode, int tries) => order.Phase.Failed(PhaseStatus.Error, CrashCode,
        $"The worker was ended by signal {exitCode - 128} in each of {tries} tries, while {While}. A plugin must return, not end the process.");

    /// <summary>Without the figure that was seen: it depends on when the watch looked, and the same run must read the same.</summary>
    public PhaseResult OutOfMemory() => order.Phase.Failed(PhaseStatus.Error, OutOfMemoryCode, OutOfMemoryReason(order.Limits));

    /// <param name="what">Ends the sentence "the plugin ...".</param>
    public PhaseResult TookTooMuch(string what) => order.Phase.Failed(
        PhaseStatus.Error, QuotaCode, $"The plugin {what}. Start fewer threads, and keep less in the scratch folder.");

    public PhaseResult NotTheProtocol(string fact) => order.Phase.Failed(
        PhaseStatus.Invalid, RefusedCode,
            $"The worker sent something that is not a message ({VisibleText.OnOneLine(fact, MostFactCharacters)}). The plugin wrote to the "
                + "host's pipe; it must not.");

    public PhaseResult Crashed(int exitCode, string lastWords) => order.Phase.Failed(PhaseStatus.Error, CrashCode,
        $"The worker ended with exit code {exitCode} and no result while {While}. {Advice(exitCode, lastWords)} "
        + (lastWords.Length == 0 ? "It printed nothing." : $"It said: {lastWords}"));

    /// <param name="failed">The allocation that failed. It is told only where it alone is too large, which is the same in every run: whether the
    /// watch or the allocator notices a slow growth first is not.</param>
    public static string OutOfMemoryReason(PhaseLimits limits, MemoryRequest? failed = null)
    {
        var asked = failed is not null && !(failed.Megabytes <= limits.MemoryMegabytes) ? $" It asked for {failed} at once." : "";
        return limits.MemoryMegabytes is { } megabytes
            ? $"The plugin used more than its {megabytes:0} MB of memory.{asked} Dispose tensors (a dispose scope per step), or give the phase "
                + "more megabytes (budget)."
            : $"The machine has no more memory for the plugin.{asked} Dispose tensors (a dispose scope per step), or use fewer lanes.";
    }

    /// <param name="who">Begins the sentence.</param>
    public static string OutOfGpuMemoryReason(string who, MemoryRequest? failed) =>
        $"{who} found no room on the GPU{(failed is null ? "" : $" for the {failed} that it asked for at once")}. Dispose tensors (a dispose "
        + "scope per step), use smaller batches, fewer lanes per GPU (--lanes), or a GPU with more memory.";

    private static string Advice(int exitCode, string lastWords) => exitCode switch
    {
        Aborted when lastWords.Contains("Unhandled exception", StringComparison.Ordinal) =>
            "An exception on a thread or in a finalizer of the plugin's own ends the process: catch it there.",
        Aborted when lastWords.Contains("Stack overflow", StringComparison.Ordinal) => "The plugin recursed without end.",
        Aborted when lastWords.Contains("Process terminated", StringComparison.Ordinal) => "A plugin must throw, not end the process.",
        Aborted => "A native error aborts a process: check shapes and types, and prefer mm, bmm and linear to matmul.",
        SegmentationFault => "Native code touched memory that is not its own.",
        _ => "A plugin must return, not end the process.",
    };
}
