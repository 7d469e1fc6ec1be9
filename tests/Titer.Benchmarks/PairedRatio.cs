using System.Diagnostics;

namespace Titer.Benchmarks;

/// <summary>Two ways to do the same thing, timed in turns in one process: a machine that slows down slows both.</summary>
/// <param name="Baseline">Median milliseconds of the ordinary way.</param>
/// <param name="Own">Median milliseconds of Titer's way.</param>
/// <param name="Ratio">Median over pairs of baseline / own: above 1 means that Titer's way is faster.</param>
/// <param name="Demand">The ratio that is asked for; null where a figure is only recorded.</param>
public sealed record BenchmarkResult(string Name, string What, double? Baseline, double? Own, double Ratio, double RatioLow, double RatioHigh,
    int Pairs, double? Demand, string Unit = "ms")
{
    public bool Meets => Demand is not { } demand || Ratio >= demand;
}

public static class PairedRatio
{
    /// <param name="repeat">Calls per timing.</param>
    public static BenchmarkResult Measure(string name, string what, Action baseline, Action own, int pairs, int repeat, double? demand)
    {
        baseline();
        own();
        var (slow, fast) = (new double[pairs], new double[pairs]);
        for (var pair = 0; pair < pairs; pair++)
        {
            // Who goes first alternates: caches and clocks favor the second.
            if (pair % 2 == 0) (slow[pair], fast[pair]) = (Time(baseline, repeat), Time(own, repeat));
            else (fast[pair], slow[pair]) = (Time(own, repeat), Time(baseline, repeat));
        }

        var ratios = slow.Zip(fast, (a, b) => a / b).Order().ToArray();
        return new BenchmarkResult(name, what, Median(slow), Median(fast), Median(ratios), ratios[ratios.Length / 4], ratios[ratios.Length * 3 / 4],
            pairs, demand);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Time(Action action, int repeat)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeat; i++) action();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds / repeat;
    }
}
