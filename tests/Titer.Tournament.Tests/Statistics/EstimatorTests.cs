using Titer.Tournament.Statistics;

namespace Titer.Tournament.Tests.Statistics;

public sealed class EstimatorTests
{
    /// <summary>
    /// Games of the American League's eastern division, 1987, with the fitted abilities (Agresti 1990, Categorical Data Analysis, section 10.5;
    /// Baltimore is the zero).
    /// </summary>
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
        // Standard errors as the R package BradleyTerry2 prints them.
        var covariance = BradleyTerry.Covariance(wins, ratings);
        Assert.Equal([0.3433, 0.3396, 0.3367, 0.3359, 0.3339, 0.3319],
            Enumerable.Range(0, 6).Select(i => Math.Round(Math.Sqrt(covariance[i, i] + covariance[6, 6] - 2 * covariance[i, 6]), 4)));
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

    /// <summary>One seed alone scores above nothing: the squares of prompts and of residuals are equal by
    /// algebra, and unequal in their last bits.</summary>
    [Fact]
    public void The_last_bit_of_a_square_chooses_no_degrees_of_freedom()
    {
        double[] answers = [1, 0, 0.333333, 0.666667, 0.333333, 0.666667, 0.666667, 0, 0.666667, 0.333333, 0.333333, 0, 0.666667, 0.333333, 0.333333,
            0.333333];
        double[] nothing = new double[answers.Length];
        var mean = answers.Average();
        // Seeds: 16 * mean^2 * 2 / 3 * 3 / 2; the other component is zero: two degrees of freedom are left.
        for (var shift = 0; shift < answers.Length; shift++)
        {
            double[] turned = [.. answers[shift..], .. answers[..shift]];
            var found = VarianceComponents.Of([nothing, turned, nothing]);
            Assert.Equal((2, mean / 3), (found.DegreesOfFreedom, found.StandardError),
                (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-9);
        }
    }

    [Fact]
    public void Equal_scores_leave_no_error_and_one_seed_speaks_for_its_prompts_alone()
    {
        Assert.Equal((0, 0), (VarianceComponents.Of([[0.5, 0.5], [0.5, 0.5]]).StandardError, VarianceComponents.Of([[0.5, 0.5]]).Margin));
        // Standard error of the mean of 0, 1: sqrt(0.5 / 2).
        Assert.Equal(0.5, VarianceComponents.Of([[0, 1]]).StandardError, 1e-9);
    }

    /// <summary>Fisher's tea: of the 70 ways to choose four cups of eight, one is as good as hers and one as bad.</summary>
    [Fact]
    public void Permutation_counts_every_way_to_deal_the_values_again()
    {
        Assert.Equal(2 / 70.0, new PermutationTest().PValue([5, 6, 7, 8], [1, 2, 3, 4]), 1e-12);
        Assert.Equal(1, new PermutationTest().PValue([1, 1, 1], [1, 1, 1]), 1e-12);
        // 1, 2 against 3, 10: |mean difference| 5 is met by {1,2} and {3,10} alone of six.
        Assert.Equal(2 / 6.0, new PermutationTest().PValue([1, 2], [3, 10]), 1e-12);
        Assert.Equal((0.1, 2 / 924.0), (PermutationTest.SmallestPValue(3, 3), PermutationTest.SmallestPValue(6, 6)));
    }

    [Fact]
    public void Many_values_are_dealt_at_random_and_the_same_every_time()
    {
        double[] low = [.. Enumerable.Range(0, 15).Select(i => (double)i)], high = [.. Enumerable.Range(0, 15).Select(i => i + 3.0)];

        var p = new PermutationTest().PValue(low, high);

        Assert.Equal(p, new PermutationTest().PValue(low, high));
        // Student's t of the same values: 3 / sqrt(20 * 2 / 15) = 1.837 with 28 degrees of freedom, p = 0.077.
        Assert.InRange(p, 0.06, 0.09);
    }

    /// <summary>
    /// The tables of the sign test: six observations allow their range (97%), ten the second and the second last (98%); five do not, so they get
    /// their range as well.
    /// </summary>
    [Theory]
    [InlineData(3, 1, 3)]
    [InlineData(5, 1, 5)]
    [InlineData(6, 1, 6)]
    [InlineData(10, 2, 9)]
    [InlineData(20, 6, 15)]
    public void Medians_are_bounded_by_the_order_of_what_was_seen(int count, double low, double high) =>
        Assert.Equal((low, high), OrderInterval.Of([.. Enumerable.Range(1, count).Select(i => ((double)i, (double)i))]));

    [Fact]
    public void Models_that_all_agree_leave_room_for_those_that_were_missed()
    {
        // One half of the chance to miss is 2.5%: 1 - 0.05^(1/3).
        Assert.Equal(0.6316, Interval.Unseen(3), 0.0001);
        Assert.Equal((14, 0.1926), (Interval.ModelsFor(0.2), Math.Round(Interval.Unseen(14), 4)));
        var held = Interval.OfModels([.. Enumerable.Repeat(Enumerable.Repeat(0.0, 30).ToArray(), 3)], allUnder: true, allOver: false);
        var broken = Interval.OfModels([.. Enumerable.Repeat(Enumerable.Repeat(0.8, 30).ToArray(), 3)], allUnder: false, allOver: true);

        Assert.Equal(0, held.Low);
        Assert.True(held.High >= 0.6315);
        Assert.Equal(0.8 * 0.3684, broken.Low, 0.0001);
    }
}
