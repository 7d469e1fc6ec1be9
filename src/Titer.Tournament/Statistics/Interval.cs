using MathNet.Numerics.Statistics;

namespace Titer.Tournament.Statistics;

/// <summary>An estimate with its 95% percentile interval.</summary>
public sealed record Interval(double Estimate, double Low, double High)
{
    public static Interval From(double estimate, double[] replicates)
    {
        var sorted = replicates.Where(v => !double.IsNaN(v)).Order().ToArray();
        if (sorted.Length == 0) return new Interval(estimate, double.NaN, double.NaN);
        return new Interval(estimate, Quantile(sorted, 0.025), Quantile(sorted, 0.975));
    }

    /// <summary>Interpolation between an infinite (censored) and a finite value has no meaning: then the nearer order statistic counts.</summary>
    private static double Quantile(double[] sorted, double q) => double.IsInfinity(sorted[^1])
        ? sorted[(int)Math.Round(q * (sorted.Length - 1), MidpointRounding.AwayFromZero)]
        : SortedArrayStatistics.QuantileCustom(sorted, q, QuantileDefinition.R7);
}
