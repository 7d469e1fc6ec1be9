using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>Writes what a run does to the folder's journal before it is shown.</summary>
internal sealed class JournaledRun(RunJournal journal, IRunObserver observer) : IRunObserver
{
    public void Added(IReadOnlyList<Phase> phases) => observer.Added(phases);

    public void Started(Phase phase)
    {
        journal.Started(phase);
        observer.Started(phase);
    }

    public void Progressed(Phase phase, PhaseProgress progress) => observer.Progressed(phase, progress);

    public void Finished(Phase phase, PhaseResult result)
    {
        journal.Finished(phase, result);
        observer.Finished(phase, result);
    }

    public void Lost(Phase phase, string why)
    {
        journal.Lost(phase, why);
        observer.Lost(phase, why);
    }

    public void Planned(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results) =>
        observer.Planned(spec, plan, results);

    public void SetAside(QuarantineEntry entry) => observer.SetAside(entry);

    public void Noticed(string notice) => observer.Noticed(notice);
}
