using MathNet.Numerics.Distributions;

namespace Titer.Tournament.Statistics;

/// <summary>Exact binomial intervals.</summary>
internal static class Binomial
{
    /// <summary>Clopper-Pearson. A sum of scores in [0, 1] may stand for the successes: it varies less than a count.</summary>
    /// <param name="outside">Part of all samples whose interval may miss: 0.05 of a 95% one.</param>
    public static (double Low, double High) Interval(double successes, int trials, double outside = 0.05) => (
        successes <= 0 ? 0 : Beta.InvCDF(successes, trials - successes + 1, outside / 2),
        successes >= trials ? 1 : Beta.InvCDF(successes + 1, trials - successes, 1 - (outside / 2)));
}
