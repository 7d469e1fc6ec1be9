using MathNet.Numerics;
using MathNet.Numerics.Random;

namespace Titer.Tournament.Statistics;

/// <summary>
/// Whether two groups have the same mean, by every way to deal their values out again (Fisher 1935; Pitman 1937, J. R. Statist. Soc. Suppl. 4).
/// No model of the values is needed, and no more is claimed than so few of them can carry.
/// </summary>
internal sealed class PermutationTest
{
    /// <summary>More deals than these are drawn at random, the observed one among them.</summary>
    private const int MostDeals = 50_000;
    private const int Drawn = 9_999;
    private const int Seed = 20240216;
    private const double Equal = 1e-9;

    /// <summary>Deals are drawn by one seed, so they are the same for all pairs of groups of those sizes.</summary>
    private readonly Dictionary<(int All, int Count), int[]> _drawn = [];

    /// <summary>The smallest two-sided p-value that groups of these sizes can come to.</summary>
    public static double SmallestPValue(int first, int second) =>
        first == 0 || second == 0 ? 1 : Math.Max((first == second ? 2 : 1) / Combinatorics.Combinations(first + second, first), 1.0 / (Drawn + 1));

    /// <summary>Two-sided. Not for several threads at once.</summary>
    public double PValue(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count == 0 || second.Count == 0) return 1;
        double[] all = [.. first, .. second];
        var observed = Math.Abs(Difference(all, first.Count, all.Sum(), Enumerable.Range(0, first.Count).ToArray()));
        var isExact = Combinatorics.Combinations(all.Length, first.Count) <= MostDeals;
        var (extreme, deals) = isExact ? Exact(all, first.Count, observed) : Sampled(all, first.Count, observed);
        return extreme / deals;
    }

    private static (double Extreme, double Deals) Exact(double[] all, int count, double observed)
    {
        var (extreme, deals, sum) = (0, 0, all.Sum());
        var chosen = Enumerable.Range(0, count).ToArray();
        while (true)
        {
            deals++;
            if (Math.Abs(Difference(all, count, sum, chosen)) >= observed - Equal) extreme++;
            var i = count - 1;
            while (i >= 0 && chosen[i] == all.Length - count + i) i--;
            if (i < 0) return (extreme, deals);
            chosen[i]++;
            for (var j = i + 1; j < count; j++) chosen[j] = chosen[j - 1] + 1;
        }
    }

    private (double Extreme, double Deals) Sampled(double[] all, int count, double observed)
    {
        if (!_drawn.TryGetValue((all.Length, count), out var deals)) _drawn[(all.Length, count)] = deals = Draw(all.Length, count);
        var (extreme, sum) = (1, all.Sum());
        for (var deal = 0; deal < Drawn; deal++)
        {
            if (Math.Abs(Difference(all, count, sum, deals.AsSpan(deal * count, count))) >= observed - Equal) extreme++;
        }

        return (extreme, Drawn + 1);
    }

    /// <summary>[deal][which are the first group], each from where the one before left the order.</summary>
    private static int[] Draw(int all, int count)
    {
        var (random, deals) = (new Xoshiro256StarStar(Seed, threadSafe: false), new int[Drawn * count]);
        int[] order = [.. Enumerable.Range(0, all)];
        for (var deal = 0; deal < Drawn; deal++)
        {
            for (var i = 0; i < count; i++)
            {
                var other = random.Next(i, order.Length);
                (order[i], order[other]) = (order[other], order[i]);
            }

            order.AsSpan(0, count).CopyTo(deals.AsSpan(deal * count));
        }

        return deals;
    }

    private static double Difference(double[] all, int count, double sum, ReadOnlySpan<int> chosen)
    {
        var own = 0.0;
        for (var i = 0; i < count; i++) own += all[chosen[i]];
        return own / count - (sum - own) / (all.Length - count);
    }
}
