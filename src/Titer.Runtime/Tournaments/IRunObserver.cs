using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>Hears what a running tournament does. Called from one thread at a time.</summary>
internal interface IRunObserver
{
    /// <summary>More phases than the plan had: the winner of a sweep plays again, or a result that was stored does not hold.</summary>
    void Added(IReadOnlyList<Phase> phases)
    {
    }

    /// <summary>What is played was changed while it was played.</summary>
    /// <param name="results">Of the new plan's phases, as far as they are there; phases that are under way have none.</param>
    void Planned(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
    }

    /// <summary>A build crashed once too often: nothing more of it is played.</summary>
    void SetAside(QuarantineEntry entry)
    {
    }

    void Started(Phase phase);

    void Progressed(Phase phase, PhaseProgress progress);

    void Finished(Phase phase, PhaseResult result);

    /// <summary>The machine failed under the phase: there is no result, and it may be played again.</summary>
    void Lost(Phase phase, string why)
    {
    }

    /// <summary>Something that an operator should know; code, fact, and what becomes of it.</summary>
    void Noticed(string notice)
    {
    }
}
