using Titer.Tournament.Statistics;

namespace Titer.Tournament.Scoring;

/// <summary>A second view of the same costs: every attacker and seed is a contest of each pair of defenses, and the one that withstands longer wins.</summary>
internal static class Ratings
{
    private const int Replicates = 300;

    /// <summary>One draw per pair keeps the ratings of undefeated sides finite.</summary>
    private const double Prior = 1;

    public static IReadOnlyList<DefenseRating> Of(PlayedCells played, IReadOnlyList<AttackFamily> families, IReadOnlyList<string> defenses)
    {
        if (defenses.Count < 2) return [];
        var costs = defenses.Select(d => CostsOf(played, families, d)).ToArray();
        var seeds = played.Spec.Seeds.Count;
        var estimate = Rate(costs, [.. Enumerable.Range(0, seeds)]);
        var draws = new Resampling(seeds, 1).Seeds.Take(Replicates).Select(draw => Rate(costs, draw)).ToArray();
        return [.. defenses.Select((defense, i) =>
        {
            var (rating, low, high) = Interval.From(estimate[i], [.. draws.Select(d => d[i])]);
            return new DefenseRating(defense, rating, low, high);
        })];
    }

    private static double[] Rate(double[][][] costs, int[] seeds)
    {
        var wins = new double[costs.Length, costs.Length];
        for (var i = 0; i < costs.Length; i++)
        {
            for (var j = 0; j < costs.Length; j++)
            {
                if (i == j) continue;
                for (var contest = 0; contest < costs[i].Length; contest++)
                {
                    foreach (var seed in seeds)
                    {
                        var (own, other) = (costs[i][contest][seed], costs[j][contest][seed]);
                        wins[i, j] += own > other ? 1 : own == other ? 0.5 : 0;
                    }
                }
            }
        }

        return BradleyTerry.Ratings(wins, Prior);
    }

    /// <summary>[attacker and exposure][seed]; what was not played is a draw with everything, since NaN is neither more nor less: it counts as no win.</summary>
    private static double[][] CostsOf(PlayedCells played, IReadOnlyList<AttackFamily> families, string defense) =>
    [
        .. families.SelectMany(f => f.Exposures.Select(e => (f, e))).Select(c => played.Spec.Seeds
            .Select(seed => played.Counted(defense, c.f, c.e)?.TimeOf(seed)?.By ?? double.NaN).ToArray()),
    ];
}
