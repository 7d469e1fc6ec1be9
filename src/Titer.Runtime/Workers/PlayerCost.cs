using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>What a player's process computes from its plugin's first line on, seen from outside, against what it says that it charged.</summary>
internal sealed class PlayerCost(PhaseOrder order)
{
    private int _process;
    private WorkerWatch? _watch;
    private double _before;
    private double _seenBefore;

    public void Begin(int process, WorkerWatch watch)
    {
        (_process, _watch) = (process, watch);
        PluginBegins();
    }

    /// <summary>What loading took is the host's. Also called at the start, for a plugin that never says so.</summary>
    public void PluginBegins() => (_before, _seenBefore) = (ProcessorTime.Of(_process), Seen);

    /// <summary>
    /// Seconds. On a GPU those in which it was not stopped, where they are more: a process that waits for its GPU computes; or those in which the
    /// GPU computed for it, stopped or not, where these are more.
    /// </summary>
    public double Seconds => _watch is null ? 0 : SecondsSince(ProcessorTime.Of(_process));

    /// <param name="stopped">The process with all that it started, where it stands still.</param>
    /// <returns>The end of a phase whose computing was not charged; null when it was, or when nothing is known of this machine's speed.</returns>
    public PhaseResult? Overrun(long steps, long samples, double? secondsPerStep, StoppedTree? stopped = null) =>
        secondsPerStep is not { } speed ? null
        : ChargedSteps.Overrun(order, ChargedSteps.Of(steps, samples), stopped is null ? Seconds : SecondsSince(stopped.ProcessorSeconds), speed);

    private double SecondsSince(double computed) => Math.Max(computed - _before, Seen - _seenBefore);

    /// <summary>What the watch saw of threads and children before they were gone, whoever waited for them.</summary>
    private double Seen => order.Device == "cpu" ? _watch!.ProcessorSeconds
        : Math.Max(_watch!.ProcessorSeconds, Math.Max(_watch.PlayedSeconds, _watch.GpuSeconds));
}
