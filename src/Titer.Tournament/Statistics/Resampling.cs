using MathNet.Numerics.Random;

namespace Titer.Tournament.Statistics;

/// <summary>
/// Hierarchical bootstrap: seeds are drawn with replacement, then prompts within each drawn seed (Davison and Hinkley 1997, section 3.8). The draws
/// depend on the numbers of seeds and prompts alone, so two defenses scored on the same prompts are resampled alike: comparisons are paired.
/// </summary>
internal sealed class Resampling
{
    public const int Replicates = 1000;
    private const int Seed = 20240216;
    private static readonly Dictionary<(int, int), Resampling> Drawn = [];
    private static readonly Lock Drawing = new();
    private readonly int[][] _seeds;
    private readonly int[][][] _prompts;

    private Resampling(int seeds, int prompts)
    {
        var random = new Xoshiro256StarStar(Seed, threadSafe: false);
        _seeds = new int[Replicates][];
        _prompts = new int[Replicates][][];
        for (var r = 0; r < Replicates; r++)
        {
            _seeds[r] = Draw(random, seeds, seeds);
            _prompts[r] = [.. Enumerable.Range(0, seeds).Select(_ => Draw(random, prompts, prompts))];
        }
    }

    public static Resampling Of(int seeds, int prompts)
    {
        lock (Drawing)
        {
            if (!Drawn.TryGetValue((seeds, prompts), out var resampling)) Drawn.Add((seeds, prompts), resampling = new Resampling(seeds, prompts));
            return resampling;
        }
    }

    /// <summary>Replicates of a statistic: for each drawn seed the statistic of its drawn prompts, averaged over the draws.</summary>
    /// <param name="statistic">From (seed number, prompt numbers) to a value.</param>
    public double[] Mean(Func<int, int[], double> statistic)
    {
        var values = new double[Replicates];
        for (var r = 0; r < Replicates; r++)
        {
            var sum = 0.0;
            for (var k = 0; k < _seeds[r].Length; k++) sum += statistic(_seeds[r][k], _prompts[r][k]);
            values[r] = sum / _seeds[r].Length;
        }

        return values;
    }

    /// <summary>As <see cref="Mean"/>, but the median over the drawn seeds: for costs, some of which are infinite (censored).</summary>
    public double[] Median(Func<int, int[], double> statistic)
    {
        var values = new double[Replicates];
        for (var r = 0; r < Replicates; r++)
            values[r] = Censored.Median([.. _seeds[r].Select((seed, k) => statistic(seed, _prompts[r][k]))]);
        return values;
    }

    public static double MeanOf(IReadOnlyList<double> values, int[] prompts)
    {
        var sum = 0.0;
        foreach (var prompt in prompts) sum += values[prompt];
        return sum / prompts.Length;
    }

    private static int[] Draw(Xoshiro256StarStar random, int count, int from)
    {
        var draws = new int[count];
        for (var i = 0; i < count; i++) draws[i] = random.Next(from);
        return draws;
    }
}

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
