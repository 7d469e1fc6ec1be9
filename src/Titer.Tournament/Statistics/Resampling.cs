using MathNet.Numerics.Random;

namespace Titer.Tournament.Statistics;

/// <summary>
/// Bootstrap over seeds and prompts. Every seed answers the same prompts, so both are drawn with replacement and crossed (Owen 2007, Annals of
/// Applied Statistics 1, the pigeonhole bootstrap); drawing prompts anew within each seed would count prompt noise once per seed. The draws depend on the numbers
/// of seeds and prompts alone: two defenses scored on the same prompts are resampled alike, and comparisons are paired.
/// </summary>
internal sealed class Resampling
{
    public const int Replicates = 1000;
    private const int Seed = 20240216;

    public Resampling(int seeds, int prompts)
    {
        var random = new Xoshiro256StarStar(Seed, threadSafe: false);
        Seeds = [.. Enumerable.Range(0, Replicates).Select(_ => Draw(random, seeds))];
        Prompts = [.. Enumerable.Range(0, Replicates).Select(_ => Draw(random, prompts))];
    }

    /// <summary>[replicate][draw]: numbers of seeds.</summary>
    public int[][] Seeds { get; }

    /// <summary>[replicate][draw]: numbers of prompts.</summary>
    public int[][] Prompts { get; }

    public static double MeanOf(double[] values, int[] prompts)
    {
        var sum = 0.0;
        foreach (var prompt in prompts) sum += values[prompt];
        return sum / prompts.Length;
    }

    private static int[] Draw(Xoshiro256StarStar random, int count)
    {
        var draws = new int[count];
        for (var i = 0; i < count; i++) draws[i] = random.Next(count);
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
