using Titer.Tournament.Statistics;

namespace Titer.Tournament.Tests.Statistics;

public sealed class EstimatorTests
{
    /// <summary>Games of the American League's eastern division, 1987, with the fitted abilities (Agresti 1990, Categorical Data Analysis, section 10.5; Baltimore is the zero).</summary>
    [Fact]
    public void Ratings_of_a_baseball_season_are_those_that_were_published()
    {
        double[,] wins =
        {
            { 0, 7, 9, 7, 7, 9, 11 },
            { 6, 0, 7, 5, 11, 9, 9 },
            { 4, 6, 0, 7, 7, 8, 12 },
            { 6, 8, 6, 0, 6, 7, 10 },
            { 6, 2, 6, 7, 0, 7, 12 },
            { 4, 4, 5, 6, 6, 0, 6 },
            { 2, 4, 1, 3, 1, 7, 0 },
        };

        var ratings = BradleyTerry.Ratings(wins);

        Assert.Equal([1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0], ratings.Select(r => Math.Round(r - ratings[6], 4)));
    }

    [Fact]
    public void A_side_that_always_wins_has_a_finite_rating_under_a_prior()
    {
        var ratings = BradleyTerry.Ratings(new double[,] { { 0, 6 }, { 0, 0 } }, prior: 1);

        Assert.Equal(Math.Log(6.5 / 0.5), ratings[0] - ratings[1], 1e-6);
    }

    /// <summary>The worked example of the article "Holm-Bonferroni method" in Wikipedia (level 0.05: only the first two hold).</summary>
    [Fact]
    public void Adjusted_p_values_are_Holms() =>
        Assert.Equal([0.03, 0.06, 0.06, 0.02], MultipleComparisons.Holm([0.01, 0.04, 0.03, 0.005]), (a, b) => Math.Abs(a - b) < 1e-12);

    /// <summary>Clopper and Pearson's interval for 4 of 20 (Brown, Cai and DasGupta 2001 print it as 0.057 to 0.437).</summary>
    [Fact]
    public void Binomial_intervals_are_exact()
    {
        var (low, high) = Binomial.Interval(4, 20);

        Assert.Equal((0.0573, 0.4366), (Math.Round(low, 4), Math.Round(high, 4)));
        Assert.Equal((0, 1), (Binomial.Interval(0, 5).Low, Binomial.Interval(5, 5).High));
    }

    [Fact]
    public void Two_way_components_are_those_worked_out_by_hand()
    {
        // Means by seed 1 and 3, by prompt 1, 2, 3; no residual at all.
        var additive = VarianceComponents.Of([[0, 1, 2], [2, 3, 4]]);
        // Squares: seeds 3 * (1 + 1) / 1 = 6; prompts 2 * (1 + 0 + 1) / 2 = 2; variance (6 + 2 - 0) / 6.
        Assert.Equal((2, Math.Sqrt(8 / 6.0)), (additive.Mean, additive.StandardError));
        // (6 + 2)^2 / (6^2 / 1 + 2^2 / 2).
        Assert.Equal(64 / 38.0, additive.DegreesOfFreedom, 1e-9);
    }

    [Fact]
    public void Equal_scores_leave_no_error_and_one_seed_speaks_for_its_prompts_alone()
    {
        Assert.Equal((0, 0), (VarianceComponents.Of([[0.5, 0.5], [0.5, 0.5]]).StandardError, VarianceComponents.Of([[0.5, 0.5]]).Margin));
        // Standard error of the mean of 0, 1: sqrt(0.5 / 2).
        Assert.Equal(0.5, VarianceComponents.Of([[0, 1]]).StandardError, 1e-9);
    }

    /// <summary>With rates 0.2 and 0.8 and errors of 5%, three unanimous outcomes decide: 3 ln 4 = 4.16 against ln 19 = 2.94; two do not (2.77).</summary>
    [Theory]
    [InlineData(0, 2, SequentialVerdict.GoOn)]
    [InlineData(0, 3, SequentialVerdict.Rare)]
    [InlineData(3, 0, SequentialVerdict.Usual)]
    [InlineData(1, 3, SequentialVerdict.GoOn)]
    [InlineData(1, 4, SequentialVerdict.Rare)]
    public void The_sequential_test_decides_when_its_bounds_are_crossed(int yes, int no, SequentialVerdict expected) =>
        Assert.Equal(expected, new SequentialTest(0.2, 0.8, 0.05).Decide(yes, no));
}
