using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// Supervises a process that runs a stranger's code: at each hand-over all of it is stopped, and goes on when a measurer has what it handed over. It is
/// told whether to go on, and nothing else.
/// </summary>
internal sealed class PlayerRole(PhaseOrder order, MeasuringWorker measurer) : IWorkerRole
{
    private readonly HandOverCheck _check = new(order);
    private WorkerProcess? _worker;
    private WorkerWatch? _watch;

    public void Begin(WorkerProcess worker, WorkerWatch watch) => (_worker, _watch) = (worker, watch);

    public async ValueTask<PhaseResult?> HearAsync(WireMessage message)
    {
        if (message is not HandOverMessage { HandOver: { } handOver }) return null;
        _watch!.Suspend();
        if (!StoppedTree.Stop(_worker!.Id)) return MeasurePhase.Refused(order, "its process does not stand still while it is measured");
        if (_check.Problem(handOver) is { } problem) return MeasurePhase.Refused(order, problem);
        if (await measurer.MeasureAsync(handOver) is not { } point) return (await measurer.EndAsync()).Result;
        StoppedTree.Continue(_worker.Id);
        _watch.Resume();
        _worker.Pipe.Write(new GoOnMessage(point.IsEnough));
        return null;
    }
}
