using MathNet.Numerics.Distributions;

namespace Titer.Tournament.Statistics;

/// <summary>Probability mass of a breach in (<paramref name="After"/>, <paramref name="By"/>].</summary>
public readonly record struct BreachMass(double After, double By, double Probability);

/// <summary>
/// Breach probability against budget: the nonparametric maximum-likelihood estimate of Turnbull (1976, J. R. Statist. Soc. B 38, 290-295) for
/// interval-censored times. With exact and right-censored times alone it is the estimate of Kaplan and Meier (1958).
/// </summary>
public sealed class BreachCurve
{
    private readonly BreachTime[] _times;

    private BreachCurve(BreachTime[] times, IReadOnlyList<BreachMass> masses) => (_times, Masses) = (times, masses);

    /// <summary>Where the estimate puts its mass, by rising time. What is missing to 1 was never seen to breach.</summary>
    public IReadOnlyList<BreachMass> Masses { get; }

    public static BreachCurve Of(IEnumerable<BreachTime> breachTimes)
    {
        var times = breachTimes.ToArray();
        if (times.Any(t => !(t.After < t.By))) throw new ArgumentException("A breach time must end after it begins.", nameof(breachTimes));
        var support = Support(times);
        var weights = ProductLimit(times, support) ?? HybridFit.Masses(times, support);
        return new BreachCurve(times,
            [.. support.Zip(weights, (s, w) => new BreachMass(s.After, s.By, w))
                .Where(m => m.Probability > 1e-9 && !double.IsPositiveInfinity(m.By))]);
    }

    /// <summary>Probability of a breach at or before a budget, counting mass once its interval is over.</summary>
    public double ProbabilityBy(double budget) => Masses.Where(m => m.By <= budget).Sum(m => m.Probability);

    /// <summary>The smallest budget by which a breach has at least probability one half; infinite when censored.</summary>
    public double Median()
    {
        var sum = 0.0;
        foreach (var mass in Masses)
        {
            sum += mass.Probability;
            if (sum >= 0.5 - 1e-9) return mass.By;
        }

        return double.PositiveInfinity;
    }

    /// <summary>Variance of the survival estimate at a budget (Greenwood 1926); meaningful for exact and right-censored times.</summary>
    public double GreenwoodVariance(double budget)
    {
        var sum = 0.0;
        foreach (var time in _times.Where(t => !t.IsCensored && t.By <= budget).Select(t => t.By).Distinct())
        {
            var (atRisk, events) = (_times.Count(t => t.IsCensored ? t.After >= time : t.By >= time), _times.Count(t => t.By == time));
            if (atRisk > events) sum += events / (double)(atRisk * (atRisk - events));
        }

        var survival = 1 - ProbabilityBy(budget);
        return survival * survival * sum;
    }

    /// <summary>Innermost intervals: a left end directly followed by a right end. Only they can carry mass.</summary>
    private static List<BreachTime> Support(BreachTime[] times)
    {
        var lefts = times.Select(t => t.After).Distinct().Order().ToArray();
        var rights = times.Select(t => t.By).Distinct().Order().ToArray();
        var support = new List<BreachTime>();
        foreach (var right in rights)
        {
            var index = Array.BinarySearch(lefts, right);
            // The nearest left end under this right end; an equal one opens after it.
            var below = (index >= 0 ? index : ~index) - 1;
            if (below < 0) continue;
            if (support.Count == 0 || support[^1].By <= lefts[below]) support.Add(new BreachTime(lefts[below], right));
        }

        return support;
    }

    /// <summary>
    /// The solution in closed form where every breach can only have been in one place (Kaplan and Meier 1958): that is so on one grid. Null
    /// elsewhere.
    /// </summary>
    private static double[]? ProductLimit(BreachTime[] times, List<BreachTime> support)
    {
        var events = new int[support.Count];
        foreach (var time in times.Where(t => !t.IsCensored))
        {
            var inside = support.FindIndex(s => time.After <= s.After && s.By <= time.By);
            if (inside < 0 || (inside + 1 < support.Count && support[inside + 1].By <= time.By)) return null;
            events[inside]++;
        }

        var (weights, surviving) = (new double[support.Count], 1.0);
        for (var s = 0; s < support.Count; s++)
        {
            // Still there: those that break here or later, and those that are known to have held beyond.
            var atRisk = events[s..].Sum() + times.Count(t => t.IsCensored && t.After > support[s].After);
            weights[s] = double.IsPositiveInfinity(support[s].By) ? surviving : atRisk == 0 ? 0 : surviving * events[s] / atRisk;
            surviving -= weights[s];
        }

        return weights;
    }
}
