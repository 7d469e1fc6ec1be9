using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// Supervises a process that runs a stranger's code: at each hand-over all of it is stopped, and goes on when a measurer has measured what it
/// handed over. It is told whether to go on, and nothing else.
/// </summary>
/// <param name="knownSpeed">Seconds of a step of ordinary training here, where an earlier phase has told.</param>
internal sealed class PlayerRole(PhaseOrder order, MeasuringWorker measurer, double? knownSpeed) : IWorkerRole
{
    private readonly HandOverCheck _check = new(order);
    private readonly PlayerCost _cost = new(order);
    private WorkerProcess? _worker;
    private WorkerWatch? _watch;

    /// <summary>What its process computed since its plugin's first line.</summary>
    public double Seconds => _cost.Seconds;

    public void Begin(WorkerProcess worker, WorkerWatch watch)
    {
        (_worker, _watch) = (worker, watch);
        _cost.Begin(worker.Id, watch);
    }

    public void PluginBegins() => _cost.PluginBegins();

    public bool Hears(WireMessage message) => message is HandOverMessage or AskMessage;

    public async ValueTask<PhaseResult?> HearAsync(WireMessage message)
    {
        var wanted = message switch
        {
            AskMessage ask => new ToMeasure(ask.HandOver, ask.Wrappers),
            _ => new ToMeasure(((HandOverMessage)message).HandOver),
        };
        _watch!.Suspend();
        if (StoppedTree.Stop(_worker!.Id) is not { } stopped)
            return MeasurePhase.Refused(order, "its process does not stand still while it is measured");
        if ((wanted.Wrappers is null ? _check.Problem(wanted.HandOver!) : _check.AskProblem(wanted.HandOver)) is { } problem)
            return MeasurePhase.Refused(order, problem);
        if (!await measurer.IsReadyAsync()) return (await measurer.EndAsync()).Result;
        // A defense hands over once, and is judged by what it says in the end.
        if (order.Phase.Kind == PhaseKind.Attack && wanted.HandOver is { } given
            && Overrun(given.Step, given.Samples, stopped) is { } overrun) return overrun;
        // The released weights were enough: nothing is measured after that.
        var point = wanted.Wrappers is null && measurer.IsEnough ? new MeasuredMessage(true, null) : await measurer.MeasureAsync(wanted);
        if (point is null) return (await measurer.EndAsync()).Result;
        stopped.Continue();
        _watch.Resume();
        _worker.Pipe.Write(new GoOnMessage(point.IsEnough, point.Refusal));
        return null;
    }

    /// <summary>The same, or the end of a phase whose computing was not charged. Called while the process is there.</summary>
    public async Task<PhaseResult> JudgedAsync(PhaseResult result) =>
        result is { Status: PhaseStatus.Done, Spent: { } spent } && await measurer.IsReadyAsync()
            && Overrun(spent.Steps, spent.Samples) is { } overrun
            ? overrun with { Spent = spent }
            : result;

    /// <summary>A program's steps are its own word, which the board says: nothing is held against them.</summary>
    private PhaseResult? Overrun(long steps, long samples, StoppedTree? stopped = null) =>
        order.Program is not null ? null : _cost.Overrun(steps, samples, measurer.SecondsPerStep ?? knownSpeed, stopped);
}
