using Titer.Tournament.Scoring;

namespace Titer.Tournament;

/// <summary>
/// The order in which a league that strangers enter plays its phases. The undefended subject first,
/// since everything is held against it; then by what
/// the operator puts first; rows that are settled already behind those that are not; one defended model of everybody before anybody's second; a
/// defense, then its gates, then attackers, the cheap ones first, so that a newcomer knows early where it stands and an expensive attacker waits for
/// those who are left. Only the order changes: what is played and what it comes to does not. Pure.
/// </summary>
public static class FairOrder
{
    /// <param name="priorities">By the id of a defense; higher goes first, 0 where there is none.</param>
    public static TournamentPlan Of(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results,
        IReadOnlyDictionary<string, int> priorities)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(priorities);
        var settled = Settled(spec, plan, results);
        var costs = Costs(plan, results);
        var rounds = spec.Seeds.Select((seed, i) => (seed, i)).ToDictionary(s => s.seed, s => s.i);
        var undefended = spec.Defenses[0].Label;
        // The rest of the order is the plan's: sorting is stable.
        return plan with
        {
            Phases =
            [
                .. plan.Phases.OrderBy(p => p.Defense.Label != undefended)
                    .ThenByDescending(p => priorities.GetValueOrDefault(p.Defense.PluginId))
                    .ThenBy(p => settled.Contains(p.Defense.Label))
                    .ThenBy(p => rounds.GetValueOrDefault(p.Seed, int.MaxValue))
                    .ThenBy(p => p.Kind switch { PhaseKind.Defend => 0, PhaseKind.Assess => 1, _ => 2 })
                    .ThenBy(p => p.Attack is { } attack ? costs.GetValueOrDefault(attack.Family, double.MaxValue) : 0),
            ],
        };
    }

    /// <summary>
    /// Defenses whose place among the others is known before an attacker has met them: they failed, or what they released is of little use. More of
    /// them is played when nobody else waits.
    /// </summary>
    public static IReadOnlySet<string> Settled(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(results);
        var reference = TournamentPlan.ReferenceUtility(spec, results);
        return plan.Phases.Where(p => p.Kind != PhaseKind.Attack && p.Defense.Label != spec.Defenses[0].Label
                && results.TryGetValue(p.Id, out var result) && IsHopeless(spec.Thresholds, result, reference))
            .Select(p => p.Defense.Label).ToHashSet(StringComparer.Ordinal);
    }

    private static bool IsHopeless(Thresholds thresholds, PhaseResult result, double? reference)
    {
        if (result.Status != PhaseStatus.Done) return true;
        if (result.Assessment is not { } assessment) return false;
        // Twice what stability tolerates, of one model: no more models make a pass of it.
        return assessment.Coherence < thresholds.CoherenceFloor
            || (reference is { } whole && assessment.Utility.DefaultIfEmpty().Average() < (1 - (2 * thresholds.StabilityTolerance)) * whole);
    }

    /// <summary>Mean seconds of each attacker's phases, by what was played of it.</summary>
    private static Dictionary<string, double> Costs(TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results) => plan.Phases
        .Where(p => p.Attack is not null && results.ContainsKey(p.Id))
        .GroupBy(p => p.Attack!.Family, p => results[p.Id].WallSeconds)
        .ToDictionary(g => g.Key, g => g.Average(), StringComparer.Ordinal);
}
