using Titer.Tournament.Statistics;

namespace Titer.Tournament.Scoring;

/// <summary>Breach probability over a grid of steps.</summary>
internal static class BreachPoints
{
    /// <param name="models">When each run was breached, by defended model.</param>
    public static IReadOnlyList<BreachPoint> Of(IReadOnlyList<IReadOnlyList<BreachTime>> models, IEnumerable<double> steps)
    {
        var curve = BreachCurve.Of(models.SelectMany(m => m));
        return [.. steps.Select(step =>
        {
            var (low, high) = IntervalAt(models, step);
            return new BreachPoint(step, curve.ProbabilityBy(step), low, high);
        })];
    }

    /// <summary>
    /// Exact binomial over the defended models that are known at that step (Clopper and Pearson 1934, Biometrika 26): each counts by the part of
    /// its runs that was breached.
    /// </summary>
    private static (double Low, double High) IntervalAt(IReadOnlyList<IReadOnlyList<BreachTime>> models, double step)
    {
        var known = models.Select(m => m.Where(t => t.By <= step || t.After >= step).ToArray()).Where(m => m.Length > 0).ToArray();
        return known.Length == 0 ? (0, 1) : Binomial.Interval(known.Sum(m => m.Count(t => t.By <= step) / (double)m.Length), known.Length);
    }
}
