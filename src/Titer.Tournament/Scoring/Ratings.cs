using Titer.Tournament.Statistics;

namespace Titer.Tournament.Scoring;

/// <summary>
/// A second view of the same costs: every attacker and run is a contest of each pair of defenses, and the one that surely withstands longer wins.
/// </summary>
internal static class Ratings
{
    private const double Level95 = 1.959963984540054;

    /// <summary>One draw per pair keeps the ratings of undefeated sides finite.</summary>
    private const double Prior = 1;

    public static IReadOnlyList<DefenseRating> Of(PlayedCells played, IReadOnlyList<string> defenses)
    {
        if (defenses.Count < 2) return [];
        (AttackFamily, Exposure)[] met =
            [.. played.Families.Where(f => f.UsesHarmfulData)
            .SelectMany(f => f.Exposures.Where(e => !played.Aside.ContainsKey((f.Label, e))).Select(e => (f, e)))];
        var wins = new double[defenses.Count, defenses.Count];
        for (var i = 0; i < defenses.Count; i++)
        {
            for (var j = 0; j < defenses.Count; j++)
            {
                if (i != j) wins[i, j] = Wins(played, met, defenses[i], defenses[j]);
            }
        }

        var ratings = BradleyTerry.Ratings(wins, Prior);
        var covariance = BradleyTerry.Covariance(wins, ratings, Prior);
        return [.. defenses.Select((defense, i) =>
        {
            var margin = Level95 * Math.Sqrt(Math.Max(0, covariance[i, i]));
            return new DefenseRating(defense, ratings[i], ratings[i] - margin, ratings[i] + margin);
        })];
    }

    /// <summary>
    /// A draw, or a contest that the looks cannot tell, is half a win for both. Several attacks on one defended model make one contest together, as
    /// do the exposures and attackers that it met: what one model shows ten times is one showing.
    /// </summary>
    private static double Wins(PlayedCells played, (AttackFamily Family, Exposure Exposure)[] met, string defense, string rival)
    {
        var wins = 0.0;
        foreach (var seed in played.Spec.Seeds)
        {
            double[] contests = [.. met.SelectMany(m => TournamentPlan.AttackSeeds(played.Spec)
                .Select(again => (Own: TimeOf(played, defense, m.Family, m.Exposure, seed, again),
                    Other: TimeOf(played, rival, m.Family, m.Exposure, seed, again))))
                .Where(c => c.Own is not null && c.Other is not null).Select(c => Score(c.Own!.Value, c.Other!.Value))];
            if (contests.Length > 0) wins += contests.Average();
        }

        return wins;
    }

    private static BreachTime? TimeOf(PlayedCells played, string defense, AttackFamily family, Exposure exposure, int seed, int attackSeed) =>
        played.Counted(defense, family, exposure)?.RunOf(seed, attackSeed)?.Time(c => c.Step);

    private static double Score(BreachTime own, BreachTime other) => own.After >= other.By ? 1 : other.After >= own.By ? 0 : 0.5;
}
