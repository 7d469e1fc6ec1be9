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
    public double Lower(ReadOnlySpan<double> scores, double level)
    {
        if (scores.Length < 2) return 0;
        var (sum, squares) = (0.0, 0.0);
        foreach (var score in scores) sum += score;
        var mean = sum / scores.Length;
        // Asked of the scores: rounding leaves equal ones a spread that is not zero, and no doubt with it.
        if (scores.IndexOfAnyExcept(scores[0]) < 0) return mean * Math.Pow(level, 1.0 / scores.Length);
        foreach (var score in scores) squares += (score - mean) * (score - mean);
        return mean + Quantile(scores.Length - 1, level) * Math.Sqrt(squares / (scores.Length - 1)) / Math.Sqrt(scores.Length);
    }

    private double Quantile(int freedom, double level) =>
        _quantiles.GetOrAdd((freedom, level), key => StudentT.InvCDF(0, 1, key.Freedom, key.Level));
}
