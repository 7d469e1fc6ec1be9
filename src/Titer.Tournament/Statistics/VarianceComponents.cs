using MathNet.Numerics.Distributions;

namespace Titer.Tournament.Statistics;

/// <summary>
/// Uncertainty of a mean over seeds and prompts. Every seed answers the same prompts, so the two are crossed: both a luckier seed and easier
/// prompts move the mean. Two-way analysis of variance (Searle, Casella and McCulloch 1992, chapter 4) with the degrees of freedom of
/// Satterthwaite (1946, Biometrics Bulletin 2).
/// </summary>
/// <param name="StandardError">Of the grand mean.</param>
/// <param name="DegreesOfFreedom">Few when seeds differ much, many when only prompts do.</param>
public sealed record VarianceComponents(double Mean, double StandardError, double DegreesOfFreedom)
{
    /// <summary>Half the width of the 95% interval.</summary>
    public double Margin => MarginOf(1);

    /// <summary>The same where so many intervals are to hold at the same time (Bonferroni).</summary>
    public double MarginOf(int family) => StandardError == 0 ? 0 : StandardError * StudentT.InvCDF(0, 1, DegreesOfFreedom, 1 - (0.025 / family));

    /// <summary>Two-sided p-value of "the mean is zero".</summary>
    public double PValue => StandardError == 0 ? (Mean == 0 ? 1 : 0) : 2 * StudentT.CDF(0, 1, DegreesOfFreedom, -Math.Abs(Mean) / StandardError);

    /// <param name="scores">[seed][prompt], the same prompts for every seed.</param>
    public static VarianceComponents Of(IReadOnlyList<IReadOnlyList<double>> scores)
    {
        var (seeds, prompts) = (scores.Count, scores[0].Count);
        var seedMeans = scores.Select(s => s.Average()).ToArray();
        var promptMeans = Enumerable.Range(0, prompts).Select(p => scores.Average(s => s[p])).ToArray();
        var mean = seedMeans.Average();
        var promptSquare = prompts < 2 ? 0 : seeds * promptMeans.Sum(m => (m - mean) * (m - mean)) / (prompts - 1);
        // One seed says nothing about other seeds: the interval is then about prompts alone.
        if (seeds < 2) return From(mean, seeds * prompts, (promptSquare, Math.Max(1, prompts - 1)));
        var seedSquare = prompts * seedMeans.Sum(m => (m - mean) * (m - mean)) / (seeds - 1);
        if (prompts < 2) return From(mean, seeds, (seedSquare, seeds - 1));
        var residual = 0.0;
        for (var s = 0; s < seeds; s++)
        {
            for (var p = 0; p < prompts; p++)
            {
                var rest = scores[s][p] - seedMeans[s] - promptMeans[p] + mean;
                residual += rest * rest;
            }
        }

        var residualSquare = residual / ((seeds - 1) * (prompts - 1));
        // A component that is estimated below zero counts as zero.
        return (IsAbove(seedSquare, residualSquare), IsAbove(promptSquare, residualSquare)) switch
        {
            (true, true) =>
                From(mean, seeds * prompts, (seedSquare, seeds - 1), (promptSquare, prompts - 1), (-residualSquare, (seeds - 1) * (prompts - 1))),
            (true, false) => From(mean, seeds * prompts, (seedSquare, seeds - 1)),
            (false, true) => From(mean, seeds * prompts, (promptSquare, prompts - 1)),
            _ => From(mean, seeds * prompts, (residualSquare, (seeds - 1) * (prompts - 1))),
        };
    }

    /// <summary>Beyond rounding: where one seed alone scores above nothing, two mean squares are equal
    /// by algebra, and no last bit may choose.</summary>
    private static bool IsAbove(double square, double residual) => square - residual > 1e-9 * residual;

    private static VarianceComponents From(double mean, int count, params ReadOnlySpan<(double MeanSquare, int Freedom)> terms)
    {
        var (variance, spread) = (0.0, 0.0);
        foreach (var (square, freedom) in terms)
        {
            variance += square / count;
            spread += square / count * (square / count) / freedom;
        }

        return spread == 0
            ? new VarianceComponents(mean, 0, double.PositiveInfinity)
            : new VarianceComponents(mean, Math.Sqrt(variance), Math.Max(1, variance * variance / spread));
    }
}
