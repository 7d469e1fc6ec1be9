using MathNet.Numerics.Distributions;

namespace Titer.Tournament.Statistics;

/// <summary>Exact binomial intervals.</summary>
internal static class Binomial
{
    /// <summary>Clopper-Pearson, 95%. A sum of scores in [0, 1] may stand for the successes: it varies less than a count.</summary>
    public static (double Low, double High) Interval(double successes, int trials) => (
        successes <= 0 ? 0 : Beta.InvCDF(successes, trials - successes + 1, 0.025),
        successes >= trials ? 1 : Beta.InvCDF(successes + 1, trials - successes, 0.975));
}
