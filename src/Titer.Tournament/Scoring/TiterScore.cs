using Titer.Tournament.Statistics;

namespace Titer.Tournament.Scoring;

/// <summary>The titer of a defense: worst case over attackers of cost(defended) / cost(undefended).</summary>
internal static class TiterScore
{
    /// <summary>
    /// With its bootstrap replicates. An attacker that breaks neither model says nothing; one that was not played on both makes the titer
    /// undefined.
    /// </summary>
    public static (TiterRatio Titer, double[] Replicates, string? WorstAttack) Of(PlayedCells played, string defense, IEnumerable<AttackFamily> families, Exposure exposure)
    {
        var (worst, worstAttack, replicates) = (TiterRatio.Undefined, (string?)null, Array.Empty<double>());
        foreach (var family in families)
        {
            var (own, baseline) = (played.Counted(defense, family, exposure), played.Counted(played.Undefended, family, exposure));
            if (own is null || baseline is null) return (TiterRatio.Undefined, [], null);
            var undefended = baseline.CostSteps;
            if (double.IsInfinity(undefended) || undefended == 0) continue;

            var bound = own.BudgetSteps / undefended;
            var censored = double.IsInfinity(own.CostSteps);
            var ratio = new TiterRatio(censored ? bound : own.CostSteps / undefended, censored, double.NaN, double.NaN) { CensoredBound = bound };
            var draws = own.CostReplicates.Zip(baseline.CostReplicates, (a, b) => double.IsInfinity(b) || b == 0 ? double.NaN : a / b).ToArray();
            replicates = replicates.Length == 0 ? draws : [.. replicates.Zip(draws, Math.Min)];
            if (double.IsNaN(worst.Ratio) || ratio.Key.CompareTo(worst.Key) < 0) (worst, worstAttack) = (ratio, family.Label);
        }

        if (double.IsNaN(worst.Ratio)) return (TiterRatio.Undefined, [], null);
        var interval = Interval.From(worst.Ratio, replicates);
        return (worst with { Low = interval.Low, High = interval.High }, replicates, worstAttack);
    }

    /// <summary>Breach probability against steps when on every seed the worst of the attackers counts.</summary>
    public static IReadOnlyList<BreachPoint> WorstCurve(PlayedCells played, string defense, IEnumerable<AttackFamily> families, Exposure exposure)
    {
        var groups = families.Select(f => played.Counted(defense, f, exposure)).OfType<CellGroup>().ToArray();
        if (groups.Length == 0) return [];
        var worst = played.Spec.Seeds.Select(seed => groups.Select(g => g.TimeOf(seed)).OfType<BreachTime>().ToArray()).Where(times => times.Length > 0)
            .Select(times => times.Any(t => !t.IsCensored) ? times.MinBy(t => t.By) : times.MinBy(t => t.After)).ToArray();
        return CellScore.Points(BreachCurve.Of(worst), groups.SelectMany(g => g.Grid).Distinct().Order());
    }
}
