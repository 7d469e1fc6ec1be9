using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>Plays phases: in worker processes for every scored match, in this process for authors and tests.</summary>
internal interface IPhaseExecutor
{
    /// <summary>Never throws for what a plugin does; the result says what happened.</summary>
    /// <exception cref="OperationCanceledException">The run was aborted; there is no result.</exception>
    /// <exception cref="MachineFaultException">The machine is at fault; there is no result.</exception>
    Task<PhaseResult> ExecuteAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort);
}
