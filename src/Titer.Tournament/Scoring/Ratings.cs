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
        (AttackFamily, Exposure)[] met = [.. played.Families.Where(f => f.UsesHarmfulData)
            .SelectMany(f => f.Exposures.Where(e => !played.Aside.ContainsKey((f.Label, e))).Select(e => (f, e)))];
        var times = defenses.Select(d => TimesOf(played, met, d)).ToArray();
        var wins = new double[defenses.Count, defenses.Count];
        for (var i = 0; i < defenses.Count; i++)
        {
            for (var j = 0; j < defenses.Count; j++)
            {
                if (i != j) wins[i, j] = times[i].Zip(times[j], Wins).Sum();
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

    /// <summary>By seed and contest, the same contests for every defense.</summary>
    private static BreachTime?[][] TimesOf(PlayedCells played, (AttackFamily Family, Exposure Exposure)[] met, string defense)
    {
        RunGroup?[] groups = [.. met.Select(m => played.Counted(defense, m.Family, m.Exposure))];
        return [.. played.Spec.Seeds.Select(seed =>
            groups.SelectMany(g => TournamentPlan.AttackSeeds(played.Spec).Select(again => g?.TimeOf(seed, again))).ToArray())];
    }

    /// <summary>
    /// A draw, or a contest that the looks cannot tell, is half a win for both. Several attacks on one defended model make one contest together, as
    /// do the exposures and attackers that it met: what one model shows ten times is one showing.
    /// </summary>
    private static double Wins(BreachTime?[] own, BreachTime?[] other)
    {
        var (wins, contests) = (0.0, 0);
        for (var c = 0; c < own.Length; c++)
        {
            if (own[c] is not { } mine || other[c] is not { } theirs) continue;
            wins += Score(mine, theirs);
            contests++;
        }

        return contests > 0 ? wins / contests : 0;
    }

    private static double Score(BreachTime own, BreachTime other) => own.After >= other.By ? 1 : other.After >= own.By ? 0 : 0.5;
}
