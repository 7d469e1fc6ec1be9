using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>What a supervisor does about the messages of a worker that plays one side of a phase.</summary>
internal interface IWorkerRole
{
    /// <summary>The order was sent.</summary>
    void Begin(WorkerProcess worker, WorkerWatch watch);

    /// <summary>The first line of a plugin is about to run.</summary>
    void PluginBegins();

    /// <summary>Whether a message that is not of every phase is this side's to send.</summary>
    bool Hears(WireMessage message);

    /// <summary>Called for every message that it hears.</summary>
    /// <returns>A result that ends the phase; null to go on.</returns>
    ValueTask<PhaseResult?> HearAsync(WireMessage message);
}
