using Titer.Tournament.Scoring;
using Titer.Tournament.Statistics;

namespace Titer.Tournament.Tests.Statistics;

public sealed class HybridFitTests
{
    /// <summary>
    /// Masses are the most likely ones when no shift of mass to any interval gains: the mean of (1 / probability of what was seen) over those that
    /// cover an interval is at most 1, and 1 where there is mass (Gentleman and Geyer 1994, Biometrika 81).
    /// </summary>
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 40)]
    [InlineData(3, 300)]
    [InlineData(4, 1000)]
    public void No_other_masses_are_more_likely(int seed, int count)
    {
        for (var repeat = 0; repeat < 5; repeat++)
        {
            var times = Times(new Random(1000 * seed + repeat), count);
            var support = Support(times);

            var masses = HybridFit.Masses(times, support);

            Assert.Equal(1, masses.Sum(), 1e-9);
            Assert.All(masses, mass => Assert.InRange(mass, 0, 1));
            var seen = times.Select(t => Seen(t, support, masses)).ToArray();
            for (var j = 0; j < masses.Length; j++)
            {
                var gain = times.Zip(seen).Where(t => Covers(t.First, support[j])).Sum(t => 1 / t.Second) / count;
                Assert.True(gain <= 1 + 1e-7, $"interval {j} of {masses.Length}: {gain}");
                if (masses[j] > 1e-6) Assert.Equal(1, gain, 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(new double[] { 1, 2, 3 }, new double[] { 1, 1, 1 }, new double[] { 1, 2, 3 })]
    [InlineData(new double[] { 3, 2, 1 }, new double[] { 1, 1, 2 }, new[] { 1.75, 1.75, 1.75 })]
    [InlineData(new double[] { 1, 4, 2, 5, 3 }, new double[] { 1, 1, 3, 1, 1 }, new[] { 1, 2.5, 2.5, 4, 4 })]
    [InlineData(new double[0], new double[0], new double[0])]
    public void The_nearest_rising_sequence_pools_what_falls(double[] values, double[] weights, double[] rising)
    {
        IsotonicRegression.Of(values, weights);

        Assert.Equal(rising, values, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    /// <summary>Breaches between two looks at unlike clocks, a fifth of them not before the last look.</summary>
    private static BreachTime[] Times(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var (time, look) = (random.NextDouble() * 10, random.NextDouble());
        while (look + random.NextDouble() is var next && next < time) look = next;
        return time > 8 ? BreachTime.CensoredAt(look) : new BreachTime(look < time ? look : 0, time + 0.01 + random.NextDouble());
    })];

    private static List<BreachTime> Support(BreachTime[] times)
    {
        var (lefts, rights) = (times.Select(t => t.After).Distinct().Order().ToArray(), times.Select(t => t.By).Distinct().Order().ToArray());
        return
        [
            .. lefts.Select(left => new BreachTime(left, rights.First(right => right > left)))
                .Where(s => !lefts.Any(left => left > s.After && left < s.By)),
        ];
    }

    private static bool Covers(BreachTime time, BreachTime interval) => time.After <= interval.After && interval.By <= time.By;

    private static double Seen(BreachTime time, List<BreachTime> support, double[] masses) =>
        support.Zip(masses).Where(s => Covers(time, s.First)).Sum(s => s.Second);
}
