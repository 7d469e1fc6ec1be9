using Titer.Tournament.Scoring;
using Titer.Tournament.Statistics;

namespace Titer.Tournament.Tests.Statistics;

/// <summary>Against published estimates.</summary>
public sealed class BreachCurveTests
{
    /// <summary>
    /// Weeks in remission under 6-MP (Freireich et al. 1963, Blood 21), as estimated in Cox and Oakes 1984 and Kleinbaum and Klein 2012, table 2.1.
    /// </summary>
    private static readonly BreachTime[] Remission =
    [
        .. new double[] { 6, 6, 6, 7, 10, 13, 16, 22, 23 }.Select(BreachTime.At),
        .. new double[] { 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35 }.Select(BreachTime.CensoredAt),
    ];

    /// <summary>
    /// Months to cosmetic deterioration after radiotherapy alone (Finkelstein and Wolfe 1985, Biometrics 41); 0 as the end: never seen.
    /// </summary>
    private static readonly (double After, double By)[] Deterioration =
    [
        (45, 0), (6, 10), (0, 7), (46, 0), (46, 0), (7, 16), (17, 0), (7, 14), (37, 44), (0, 8), (4, 11), (15, 0), (11, 15), (22, 0), (46, 0),
        (46, 0),
        (25, 37), (46, 0), (26, 40), (46, 0), (27, 34), (36, 44), (46, 0), (36, 48), (37, 0), (40, 0), (17, 25), (46, 0), (11, 18), (38, 0), (5, 12),
        (37, 0),
        (0, 5), (18, 0), (24, 0), (36, 0), (5, 11), (19, 35), (17, 25), (24, 0), (32, 0), (33, 0), (19, 26), (37, 0), (34, 0), (36, 0),
    ];

    [Theory]
    [InlineData(6, 0.857, 0.0764)]
    [InlineData(7, 0.807, 0.0869)]
    [InlineData(10, 0.753, 0.0963)]
    [InlineData(13, 0.690, 0.1068)]
    [InlineData(16, 0.627, 0.1141)]
    [InlineData(22, 0.538, 0.1282)]
    [InlineData(23, 0.448, 0.1346)]
    public void Exact_and_right_censored_times_give_the_estimate_of_Kaplan_and_Meier(double week, double survival, double standardError)
    {
        var curve = BreachCurve.Of(Remission);

        Assert.Equal(survival, 1 - curve.ProbabilityBy(week), 0.0006);
        Assert.Equal(standardError, Math.Sqrt(curve.GreenwoodVariance(week)), 0.0001);
        Assert.Equal(23, curve.Median());
    }

    [Fact]
    public void Interval_censored_times_give_the_estimate_of_Turnbull()
    {
        var curve = BreachCurve.Of(Deterioration.Select(d => new BreachTime(d.After, d.By == 0 ? double.PositiveInfinity : d.By)));

        // As printed by the R package interval (Fay and Shaw 2010, J. Stat. Softw. 36).
        Assert.Equal(
            [(4, 5, 0.0463), (6, 7, 0.0334), (7, 8, 0.0887), (11, 12, 0.0708), (24, 25, 0.0926), (33, 34, 0.0818), (38, 40, 0.1209)],
            curve.Masses.Where(m => m.By < 46).Select(m => ((int)m.After, (int)m.By, Math.Round(m.Probability, 4))));
    }

    [Fact]
    public void Nothing_breached_leaves_the_median_open()
    {
        var curve = BreachCurve.Of(Enumerable.Repeat(BreachTime.CensoredAt(24), 3));

        Assert.Empty(curve.Masses);
        Assert.Equal(double.PositiveInfinity, curve.Median());
        // Three models without a breach: up to seven in ten others could still breach, however often each was attacked.
        var point = BreachPoints.Of([.. Enumerable.Repeat(Enumerable.Repeat(BreachTime.CensoredAt(24), 4).ToArray(), 3)], [24]).Single();
        Assert.Equal((0, 0.7076), (point.Low, Math.Round(point.High, 4)));
    }

    [Fact]
    public void Times_on_one_grid_have_the_ordinary_median()
    {
        var curve = BreachCurve.Of([new BreachTime(2, 3), new BreachTime(5, 8), BreachTime.CensoredAt(24)]);

        Assert.Equal(8, curve.Median());
        Assert.Equal([1 / 3.0, 1 / 3.0, 2 / 3.0], new[] { 3.0, 5, 8 }.Select(curve.ProbabilityBy), (a, b) => Math.Abs(a - b) < 1e-9);
    }
}
