namespace Titer.Tournament.Scoring;

/// <summary>
/// The second part of a plan, which depends on results: the best try of a sweep was chosen for its luck as well as for its strength, so it plays
/// again on fresh random streams, and only that counts (the winner's curse; src/Titer.Tournament/README.md, "Tries are budget").
/// </summary>
public static class SweepReruns
{
    /// <summary>The plan with the re-runs of all sweeps whose tries are over. Adding to an extended plan changes nothing.</summary>
    public static TournamentPlan Extend(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(plan);
        var sweeps = AttackFamily.Of(spec.Attacks).Where(f => f.IsSweep).ToArray();
        if (sweeps.Length == 0) return plan;
        var played = new PlayedCells(spec, plan, results);
        var known = plan.Phases.Select(p => p.Id).ToHashSet();
        var added = new List<(Cell Cell, Phase Phase)>();
        foreach (var (defense, family, exposure) in spec.Defenses.SelectMany(d => sweeps.SelectMany(f => f.Exposures.Select(e => (d, f, e)))))
        {
            if (!played.IsOver(defense.Label, family, exposure) || played.Winner(defense.Label, family, exposure) is not { } winner) continue;
            added.AddRange(spec.Seeds
                .SelectMany(seed => TournamentPlan.AttackSeeds(spec).Select(again => TournamentPlan.CellOf(spec, defense, winner, exposure, seed, again, isFresh: true)))
                .Where(m => known.Add(m.Phase.Id)));
        }

        return added.Count == 0 ? plan : new TournamentPlan([.. plan.Phases, .. added.Select(a => a.Phase)], [.. plan.Cells, .. added.Select(a => a.Cell)]);
    }
}
