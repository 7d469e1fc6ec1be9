using System.Threading.Channels;
using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>One phase's measurements in a worker that runs the host's code alone. It goes back to the idle ones when the phase has ended.</summary>
internal sealed class MeasuringWorker : IWorkerRole
{
    private readonly Channel<MeasuredMessage> _points = Channel.CreateUnbounded<MeasuredMessage>();
    private readonly IPhaseEvents _events;
    private readonly Task<SupervisedPhase> _play;
    private WorkerProcess? _worker;
    private WorkerWatch? _watch;
    private int _step;
    private bool _isReady;

    private MeasuringWorker(SharedWorker worker, PhaseOrder order, MetricWorkers metrics, IPhaseEvents events,
        CancellationToken abort)
    {
        _events = events;
        _play = worker.PlayAsync(order with { Role = PhaseRole.Measurer }, metrics, new Quiet(events), abort, this);
    }

    /// <summary>Of ordinary training here; null where it was not asked for, or cannot be told.</summary>
    public double? SecondsPerStep { get; private set; }

    /// <summary>At the newest point that it has told of, the attack had done enough.</summary>
    public bool IsEnough { get; private set; }

    /// <param name="metrics">Answer for the order's metrics: what measures asks them, and nobody else.</param>
    public static MeasuringWorker Begin(
        SharedWorker worker, PhaseOrder order, MetricWorkers metrics, IPhaseEvents events, CancellationToken abort) =>
        new(worker, order, metrics, events, abort);

    public void Begin(WorkerProcess worker, WorkerWatch watch) => (_worker, _watch) = (worker, watch);

    public bool Hears(WireMessage message) => message is MeasuredMessage;

    public ValueTask<PhaseResult?> HearAsync(WireMessage message)
    {
        if (message is MeasuredMessage point)
        {
            // Until the next hand-over it has nothing to do: standing still is no fault then.
            _watch!.Suspend();
            _points.Writer.TryWrite(point);
        }

        return ValueTask.FromResult<PhaseResult?>(null);
    }

    public void PluginBegins()
    {
        // None runs in it.
    }

    /// <returns>Null when the measuring has ended with a result of its own.</returns>
    public async Task<MeasuredMessage?> MeasureAsync(ToMeasure wanted)
    {
        if (!await IsReadyAsync()) return null;
        _step = wanted.HandOver?.Step ?? 0;
        _watch!.Resume();
        _worker!.Pipe.Write(new MeasureMessage(wanted));
        return await NextAsync();
    }

    /// <summary>The player has ended.</summary>
    public async Task<SupervisedPhase> EndAsync()
    {
        if (await IsReadyAsync() && !_play.IsCompleted)
        {
            _watch!.Resume();
            _worker!.Pipe.Write(new MeasureMessage(null));
        }

        return await _play;
    }

    /// <summary>It has loaded the released weights, and measured them where there is something to measure: while the player started.</summary>
    /// <returns>False when it has ended with a result of its own.</returns>
    public async Task<bool> IsReadyAsync() => _isReady || (_isReady = await NextAsync() is not null);

    private async Task<MeasuredMessage?> NextAsync()
    {
        var next = _points.Reader.ReadAsync().AsTask();
        if (await Task.WhenAny(next, _play) == _play && !next.IsCompleted) return null;
        var point = await next;
        SecondsPerStep ??= point.SecondsPerStep;
        IsEnough = point.IsEnough;
        if (point.WorstHarm is { } harm) _events.Report(new PhaseProgress(PhaseStage.Playing, _step, Harm: harm));
        return point;
    }

    /// <summary>What is seen of a phase is its player; the measurer's stages are none of it.</summary>
    private sealed class Quiet(IPhaseEvents events) : IPhaseEvents
    {
        public void Report(PhaseProgress progress)
        {
        }

        public void Log(PhaseLogLine line) => events.Log(line);
    }
}
