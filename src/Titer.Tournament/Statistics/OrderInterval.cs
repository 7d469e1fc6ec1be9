namespace Titer.Tournament.Statistics;

/// <summary>
/// What the order of few observations says of a median, without a model of their distribution. Each observation may itself be an interval
/// (a cost is only known to lie between two looks): lower ends make the lower end, upper ends the upper one.
/// </summary>
internal static class OrderInterval
{
    /// <summary>The 95% interval where there are enough observations (six), else their range.</summary>
    public static (double Low, double High) Of(IReadOnlyCollection<(double Low, double High)> observations)
    {
        double[] lows = [.. observations.Select(o => o.Low).Order()];
        double[] highs = [.. observations.Select(o => o.High).Order()];
        var skipped = Skipped(lows.Length);
        return (lows[skipped], highs[^(skipped + 1)]);
    }

    /// <summary>How many observations may lie beyond each end: the largest number whose chance to be exceeded on that side is 2.5%.</summary>
    private static int Skipped(int count)
    {
        var skipped = 0;
        while (MathNet.Numerics.Distributions.Binomial.CDF(0.5, count, skipped) <= 0.025) skipped++;
        return skipped > 0 ? skipped - 1 : 0;
    }
}
