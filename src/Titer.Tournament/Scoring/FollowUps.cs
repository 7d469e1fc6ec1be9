namespace Titer.Tournament.Scoring;

/// <summary>
/// The part of a plan that depends on results: cooler tries of attacks that only ruined their models, the next tries of searches, then re-runs of
/// the winners of searches and sweeps; and strangers' attacks that failed, once more.
/// </summary>
public static class FollowUps
{
    /// <summary>Whether a tournament can come to have any.</summary>
    public static bool ArePossible(TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Attacks.Any(a => a.IsForeign)
            || AttackFamily.Of(spec.Attacks).Any(ArePossible);
    }

    /// <summary>Whether what an attacker came to can call for more of it.</summary>
    internal static bool ArePossible(AttackFamily family) => family.IsSweep || family.Tries.Any(t => t.LearningRate is not null);

    /// <summary>
    /// The plan with what its results call for. Extending by the same results again changes nothing; new results may call for more. While the
    /// reference is still to be played nothing is called for: a search would go on from another best than it has once ruined models are told.
    /// </summary>
    public static TournamentPlan Extend(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results) =>
        Extended(new PlayedCells(spec, plan, results)).Plan;

    /// <summary>The same where results are looked up as they are called for, until those that are there call for no more.</summary>
    /// <param name="results">Of the plan's phases.</param>
    /// <param name="find">Gives the results that there are of phases that joined the plan.</param>
    public static TournamentPlan Extend(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results,
        Func<IReadOnlyCollection<Phase>, IEnumerable<PhaseResult>> find)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(find);
        var all = new Dictionary<string, PhaseResult>(plan.WithRefusals(results));
        return Extended(new PlayedCells(spec, plan, all), phases =>
        {
            foreach (var result in find(phases)) all[result.PhaseId] = result;
            foreach (var (id, refused) in new TournamentPlan([.. phases], []).WithRefusals(all)) all.TryAdd(id, refused);
        }).Plan;
    }

    /// <summary>The same, with what was looked up on the way.</summary>
    /// <param name="find">Adds the results that there are of phases that joined the plan; null where all are there.</param>
    internal static PlayedCells Extended(PlayedCells played, Action<IReadOnlyCollection<Phase>>? find = null)
    {
        if (!ArePossible(played.Spec) || PhaseQueue.AwaitsReference(played.Spec, played.Results)) return played;
        played.LookAhead();
        var known = played.Plan.Phases.Select(p => p.Id).ToHashSet();
        for (; ; )
        {
            var plan = played.Plan;
            var untils = new Lazy<Dictionary<string, int?>>(() => plan.Phases.DistinctBy(p => p.Id).ToDictionary(p => p.Id, p => p.LastStep));
            var replays = Replays.Of(played.Spec, plan.Cells, id => untils.Value[id], played.Results).ToDictionary(r => r.FailedPhaseId,
                r => (r.Cell, r.Phase));
            var added = Additions(played, known, null);
            if (added.Count + replays.Count == 0) return played;
            known.UnionWith(replays.Values.Select(r => r.Phase.Id));
            find?.Invoke([.. replays.Values.Select(r => r.Phase), .. added.Select(a => a.Phase)]);
            played = played.With(added, replays);
            // Only where the new phases are played already can they call for others.
            if (!added.Concat(replays.Values).Any(a => played.Result(a.Phase.Id) is not null)) return played;
        }
    }

    /// <param name="known">Ids of the phases that are planned; gains those that are added.</param>
    /// <param name="only">The attacker and defense whose results are new; null looks at all.</param>
    internal static List<(Cell Cell, Phase Phase)> Additions(PlayedCells played, HashSet<string> known, AttackerKey? only)
    {
        var spec = played.Spec;
        IEnumerable<(Cell Cell, Phase Phase)> Cells(Entrant defense, Entrant attack, Exposure exposure, bool isFresh) => spec.Seeds
            .SelectMany(seed =>
                TournamentPlan.AttackSeeds(spec).Select(again => TournamentPlan.CellOf(spec, defense, attack, exposure, seed, again, isFresh)))
            .Where(m => known.Add(m.Phase.Id));
        var cooler = CoolerTries.Of(played, only).ToArray();
        var added = cooler.SelectMany(c => Cells(c.Defense, c.Try, c.Exposure, isFresh: false)).ToList();
        var unsettled = cooler.Select(c => new AttackerKey(c.Defense.Label, c.Family.Label, c.Exposure)).ToHashSet();
        foreach (var (defense, next, exposure, family, lastStep) in SearchTries.Of(played, only))
        {
            unsettled.Add(new AttackerKey(defense.Label, family.Label, exposure));
            var cell = TournamentPlan.CellOf(spec, defense, next, exposure, spec.Seeds[0], attackSeed: 1, isFresh: false, lastStep: lastStep);
            if (known.Add(cell.Phase.Id)) added.Add(cell);
        }

        foreach (var (defense, family, exposure, winner) in SweepReruns.Of(played, only)
            .Where(r => !unsettled.Contains(new AttackerKey(r.Defense.Label, r.Family.Label, r.Exposure))))
            added.AddRange(Cells(defense, winner, exposure, isFresh: true));
        return added;
    }
}
