using Titer.Tournament.Statistics;

namespace Titer.Tournament.Scoring;

/// <summary>
/// Which defense is better than which. The unit is a defended model, its value the mean over its runs of the log2 of the worst ratio to the
/// undefended median cost (one number for all, so that equal defenses are exchangeable, the undefended subject among them); costs that were not
/// reached count as the steps that are known, which understates a difference. No model of the values is
/// needed: they are dealt out again (<see cref="PermutationTest"/>). Runs on the same random streams are alike, which makes the test cautious.
/// </summary>
internal sealed class Comparisons
{
    private const double Level = 0.05;

    /// <summary>A breach by the first step lies somewhere in it.</summary>
    private const double WithinFirstStep = 0.5;

    private readonly Dictionary<string, SortedDictionary<int, ModelTiter>> _titers = [];
    private readonly PermutationTest _test = new();

    /// <param name="families">Attackers that count.</param>
    /// <param name="defenses">Those whose titer was measured, in the order of the leaderboard.</param>
    public Comparisons(PlayedCells played, IReadOnlyList<AttackFamily> families, IReadOnlyCollection<string> defenses)
    {
        if (defenses.Count < 2) return;
        foreach (var defense in defenses)
        {
            RunGroup Counted(string label, AttackFamily family) => played.Counted(label, family, Exposure.InDomain)!;
            (RunGroup Own, RunGroup Baseline)[] meetings = [.. families.Select(f => (Counted(defense, f), Counted(played.Undefended, f)))];
            var titers = new SortedDictionary<int, ModelTiter>();
            foreach (var seed in played.Spec.Seeds)
            {
                var runs = TournamentPlan.AttackSeeds(played.Spec).Select(again => TiterOf(meetings, seed, again)).OfType<ModelTiter>().ToArray();
                if (runs.Length == 0) continue;
                titers.Add(seed, new ModelTiter(runs.Average(r => r.Value), runs.Average(r => r.Low), runs.Average(r => r.High)));
            }

            if (titers.Count > 0) _titers.Add(defense, titers);
        }
    }

    /// <summary>All pairs in the order of the leaderboard, each with the better estimate first.</summary>
    public IReadOnlyList<DefenseComparison> Pairs()
    {
        var names = _titers.Keys.ToArray();
        var pairs = names.SelectMany((first, i) => names.Skip(i + 1).Select(second => Compare(first, second))).ToArray();
        var adjusted = MultipleComparisons.Holm([.. pairs.Select(p => p.PValue)]);
        return [.. pairs.Zip(adjusted, (pair, p) => pair with
        {
            AdjustedPValue = p,
            IsSignificant = p < Level,
            SmallestPValue = Math.Min(1, pair.SmallestPValue * pairs.Length),
        })];
    }

    private DefenseComparison Compare(string first, string second)
    {
        var (own, other) = (_titers[first], _titers[second]);
        var mean = own.Values.Average(t => t.Value) - other.Values.Average(t => t.Value);
        if (mean < 0) return Compare(second, first);
        (double Low, double High)[] differences =
            [.. own.Keys.Where(other.ContainsKey).Select(s => (own[s].Low - other[s].High, own[s].High - other[s].Low))];
        var (low, high) = differences.Length > 0 ? OrderInterval.Of(differences) : (double.NaN, double.NaN);
        var p = _test.PValue([.. own.Values.Select(t => t.Value)], [.. other.Values.Select(t => t.Value)]);
        return new DefenseComparison(first, second, mean, low, high, p, 1, false)
        {
            EndsAre = IntervalKinds.OfMedian(differences.Length),
            SmallestPValue = PermutationTest.SmallestPValue(own.Count, other.Count),
        };
    }

    /// <summary>log2 of the worst ratio of one run; null where no attacker breaks anything. One that breaks neither model says nothing.</summary>
    private static ModelTiter? TiterOf((RunGroup Own, RunGroup Baseline)[] meetings, int seed, int attackSeed)
    {
        ModelTiter? worst = null;
        foreach (var (own, baseline) in meetings)
        {
            if (own.RunOf(seed, attackSeed) is not { } run || (double.IsInfinity(baseline.CostSteps) && !run.IsBroken)) continue;
            var undefended = double.IsInfinity(baseline.CostSteps) ? baseline.CostBound : baseline.CostSteps;
            var (cost, scale) = (run.StepTime, Math.Log2(Math.Max(WithinFirstStep, undefended)));
            var known = Math.Log2(Math.Max(WithinFirstStep, cost.IsCensored ? cost.After : cost.By)) - scale;
            var after = Math.Log2(Math.Max(WithinFirstStep, cost.After)) - scale;
            var titer = new ModelTiter(known, after, cost.IsCensored ? double.PositiveInfinity : known);
            worst = worst is null ? titer
                : new ModelTiter(Math.Min(worst.Value, titer.Value), Math.Min(worst.Low, titer.Low), Math.Min(worst.High, titer.High));
        }

        return worst;
    }

    /// <param name="Value">log2, costs that were not reached at what is known.</param>
    /// <param name="Low">After which ratio the breach came.</param>
    /// <param name="High">By which; infinite when it did not.</param>
    private sealed record ModelTiter(double Value, double Low, double High);
}
