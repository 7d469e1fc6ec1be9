using MathNet.Numerics.Distributions;

namespace Titer.Tournament.Statistics;

/// <summary>One-sided lower bound of a mean of scores in [0, 1] over prompts: Student's t, and the exact binomial where the prompts agree.</summary>
/// <param name="level">Chance to be above the mean.</param>
internal sealed class MeanBound(double level)
{
    private readonly Dictionary<int, double> _quantiles = [];

    public double Of(IReadOnlyList<double> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count < 2) return 0;
        var mean = scores.Average();
        var spread = Math.Sqrt(scores.Sum(s => (s - mean) * (s - mean)) / (scores.Count - 1));
        return spread > 0 ? mean + Quantile(scores.Count - 1) * spread / Math.Sqrt(scores.Count) : mean * Math.Pow(level, 1.0 / scores.Count);
    }

    private double Quantile(int freedom)
    {
        if (!_quantiles.TryGetValue(freedom, out var quantile)) _quantiles.Add(freedom, quantile = StudentT.InvCDF(0, 1, freedom, level));
        return quantile;
    }
}
