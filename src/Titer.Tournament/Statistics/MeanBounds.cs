using System.Collections.Concurrent;
using MathNet.Numerics.Distributions;

namespace Titer.Tournament.Statistics;

/// <summary>One-sided lower bounds of a mean of scores in [0, 1] over prompts: Student's t, and the
/// exact binomial where the prompts agree.</summary>
internal sealed class MeanBounds
{
    /// <summary>Quantiles are slow, and a fold asks for few of them many times, from several threads.</summary>
    private readonly ConcurrentDictionary<(int Freedom, double Level), double> _quantiles = [];

    /// <param name="level">Chance to be above the mean.</param>
    public double Lower(IReadOnlyList<double> scores, double level)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count < 2) return 0;
        var mean = scores.Average();
        // Asked of the scores: rounding leaves equal ones a spread that is not zero, and no doubt with it.
        if (scores.All(s => s == scores[0])) return mean * Math.Pow(level, 1.0 / scores.Count);
        var spread = Math.Sqrt(scores.Sum(s => (s - mean) * (s - mean)) / (scores.Count - 1));
        return mean + Quantile(scores.Count - 1, level) * spread / Math.Sqrt(scores.Count);
    }

    private double Quantile(int freedom, double level) =>
        _quantiles.GetOrAdd((freedom, level), key => StudentT.InvCDF(0, 1, key.Freedom, key.Level));
}
