namespace Titer.Tournament.Statistics;

/// <summary>Costs that may be right-censored, as positive infinity.</summary>
internal static class Censored
{
    /// <summary>The median; with an even count the smaller of the middle two, so that a finite cost is never averaged with a censored one.</summary>
    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values[(values.Length - 1) / 2];
    }
}
