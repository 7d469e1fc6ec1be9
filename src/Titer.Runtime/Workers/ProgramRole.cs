using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>Supervises a process that runs a program of its own: what it computes is seen from
/// outside, and it says nothing but how it ends.</summary>
internal sealed class ProgramRole(PhaseOrder order) : IWorkerRole
{
    private readonly PlayerCost _cost = new(order);

    /// <summary>What its processes computed since the program was started.</summary>
    public double Seconds => _cost.Seconds;

    public void Begin(WorkerProcess worker, WorkerWatch watch) => _cost.Begin(worker.Id, watch);

    public void PluginBegins() => _cost.PluginBegins();

    public bool Hears(WireMessage message) => false;

    public ValueTask<PhaseResult?> HearAsync(WireMessage message) => ValueTask.FromResult<PhaseResult?>(null);
}
