using Titer.Tournament;

namespace Titer.Runtime.Slurm;

/// <summary>Jobs that wait for the same things.</summary>
/// <param name="After">Ids of the phases that must have ended first.</param>
internal sealed record JobWave(IReadOnlyList<JobTask> Tasks, IReadOnlyList<string> After)
{
    /// <summary>
    /// The phases as arrays whose order Slurm keeps: defenses, then the reference that attacks are held against, then of each defense what is played
    /// on its weights. Nothing waits for what is there already.
    /// </summary>
    /// <param name="reference">Id of the phase that attacks are held against; null where they are held against none, or it is there.</param>
    /// <param name="missing">To be played, in the order of the plan.</param>
    /// <param name="underWay">Ids of phases that have no result and are in somebody's hands.</param>
    public static IReadOnlyList<JobWave> Of(string? reference, IReadOnlyCollection<Phase> missing, IReadOnlySet<string> underWay,
        int phasesPerJob)
    {
        var open = missing.Select(p => p.Id).Concat(underWay).ToHashSet();
        string[] After(Phase phase) =>
        [
            .. new[] { phase.DefendPhaseId, phase.Kind == PhaseKind.Attack ? reference : null }.OfType<string>().Where(open.Contains),
        ];
        return
        [
            .. missing.Where(p => p.Kind == PhaseKind.Defend || p.Id == reference)
                .Concat(missing.Where(p => p.Kind != PhaseKind.Defend && p.Id != reference))
                .GroupBy(p => (p.Kind == PhaseKind.Defend, p.Id == reference, string.Join(' ', After(p))))
                .Select(g => new JobWave([.. g.Chunk(phasesPerJob).Select(c => new JobTask(c))], After(g.First()))),
        ];
    }

    /// <summary>The same in arrays that are no larger.</summary>
    public IEnumerable<JobWave> InArraysOf(int most) => Tasks.Chunk(most).Select(tasks => this with { Tasks = tasks });
}
