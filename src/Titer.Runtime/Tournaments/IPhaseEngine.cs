using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>A phase that can start, with what it starts from.</summary>
internal sealed record PhaseRequest(TournamentSpec Spec, Phase Phase, PhaseResult? Defended, double? ReferenceUtility);

/// <summary>What came of it: a result, or a fault of the machine, or neither when it was aborted.</summary>
internal sealed record PhaseOutcome(PhaseResult? Result, string? Fault)
{
    /// <summary>Whoever played it committed it: it is a file already.</summary>
    public bool IsStored { get; init; }

    /// <summary>It is still played, and nobody here waits for it any more.</summary>
    public bool IsLeft { get; init; }
}

/// <summary>
/// Where phases are played. An executor (<see cref="IPhaseExecutor"/>) takes a complete order and hands a result to this process, which looks at it
/// and commits it. A cluster's job does all of that by itself, at its own time, also when this process is gone: so the seam is a phase on one side
/// and what came of it on the other.
/// </summary>
internal interface IPhaseEngine : IDisposable
{
    /// <summary>Phases that it is given at the same time.</summary>
    int Lanes { get; }

    /// <summary>Faults in a row after which nothing more is given to it.</summary>
    int MostFaultsInARow { get; }

    /// <summary>Phases that it is given from here on are played with these builds; those that are under way with theirs.</summary>
    /// <exception cref="NotSupportedException">Its builds are those that the run began with.</exception>
    void Change(RunAssets assets);

    /// <summary>Never throws, and returns at once.</summary>
    /// <param name="drain">Nothing new is to be begun; what is played here plays on.</param>
    Task<PhaseOutcome> PlayAsync(PhaseRequest request, Action<PhaseProgress> progressed, CancellationToken drain, CancellationToken abort);
}
