using MathNet.Numerics.Statistics;

namespace Titer.Tournament.Statistics;

/// <summary>An estimate with its 95% interval.</summary>
public sealed record Interval(double Estimate, double Low, double High)
{
    /// <summary>Successes or failures under which a mean of scores in [0, 1] is too near its end for Student's t.</summary>
    private const double FewEvents = 5;

    /// <summary>Percentiles of bootstrap replicates.</summary>
    public static Interval From(double estimate, double[] replicates)
    {
        var sorted = replicates.Where(v => !double.IsNaN(v)).Order().ToArray();
        if (sorted.Length == 0) return new Interval(estimate, double.NaN, double.NaN);
        return new Interval(estimate, Quantile(sorted, 0.025), Quantile(sorted, 0.975));
    }

    /// <summary>Of a mean over seeds and prompts of any scale.</summary>
    public static Interval Of(VarianceComponents components)
    {
        ArgumentNullException.ThrowIfNull(components);
        return new Interval(components.Mean, components.Mean - components.Margin, components.Mean + components.Margin);
    }

    /// <summary>
    /// Of a mean of scores in [0, 1]. Near an end, where no variation need have shown yet, it is at least as wide as the exact binomial one
    /// over the prompts: no harm on 48 prompts is not "certainly none".
    /// </summary>
    /// <param name="scores">[seed][prompt].</param>
    public static Interval OfScores(IReadOnlyList<IReadOnlyList<double>> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var (estimate, low, high) = Of(VarianceComponents.Of(scores));
        var (prompts, sum) = (scores[0].Count, estimate * scores[0].Count);
        if (sum < FewEvents) high = Math.Max(high, Binomial.Interval(sum, prompts).High);
        if (prompts - sum < FewEvents) low = Math.Min(low, Binomial.Interval(sum, prompts).Low);
        return new Interval(estimate, Math.Clamp(low, 0, 1), Math.Clamp(high, 0, 1));
    }

    /// <summary>Interpolation between an infinite (censored) and a finite value has no meaning: then the nearer order statistic counts.</summary>
    private static double Quantile(double[] sorted, double q) => double.IsInfinity(sorted[^1])
        ? sorted[(int)Math.Round(q * (sorted.Length - 1), MidpointRounding.AwayFromZero)]
        : SortedArrayStatistics.QuantileCustom(sorted, q, QuantileDefinition.R7);
}
