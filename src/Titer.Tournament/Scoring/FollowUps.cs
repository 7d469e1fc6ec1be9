namespace Titer.Tournament.Scoring;

/// <summary>The part of a plan that depends on results: cooler tries of attacks that only ruined their
/// models, then re-runs of the winners of sweeps.</summary>
public static class FollowUps
{
    /// <summary>Whether a tournament can come to have any.</summary>
    public static bool ArePossible(TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return AttackFamily.Of(spec.Attacks).Any(f => f.IsSweep || f.Tries.Any(t => t.LearningRate is not null));
    }

    /// <summary>The plan with what its results call for. Extending by the same results again changes
    /// nothing; new results may call for more.</summary>
    /// <param name="only">The attacker and defense whose results are new; null looks at all.</param>
    public static TournamentPlan Extend(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results,
        AttackerKey? only = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!ArePossible(spec)) return plan;
        for (; ; )
        {
            var added = Additions(spec, new PlayedCells(spec, plan, results), plan.Phases.Select(p => p.Id).ToHashSet(), only);
            if (added.Count == 0) return plan;
            plan = new TournamentPlan([.. plan.Phases, .. added.Select(a => a.Phase)], [.. plan.Cells, .. added.Select(a => a.Cell)]);
            // Only where the new phases are played already can they call for others.
            if (!added.Exists(a => results.ContainsKey(a.Phase.Id))) return plan;
        }
    }

    private static List<(Cell Cell, Phase Phase)> Additions(TournamentSpec spec, PlayedCells played, HashSet<string> known, AttackerKey? only)
    {
        IEnumerable<(Cell Cell, Phase Phase)> Cells(Entrant defense, Entrant attack, Exposure exposure, bool isFresh) => spec.Seeds
            .SelectMany(seed =>
                TournamentPlan.AttackSeeds(spec).Select(again => TournamentPlan.CellOf(spec, defense, attack, exposure, seed, again, isFresh)))
            .Where(m => known.Add(m.Phase.Id));
        var cooler = CoolerTries.Of(played, only).ToArray();
        var added = cooler.SelectMany(c => Cells(c.Defense, c.Try, c.Exposure, isFresh: false)).ToList();
        var unsettled = cooler.Select(c => new AttackerKey(c.Defense.Label, c.Family.Label, c.Exposure)).ToHashSet();
        foreach (var (defense, family, exposure, winner) in SweepReruns.Of(played, only)
            .Where(r => !unsettled.Contains(new AttackerKey(r.Defense.Label, r.Family.Label, r.Exposure))))
            added.AddRange(Cells(defense, winner, exposure, isFresh: true));
        return added;
    }
}
