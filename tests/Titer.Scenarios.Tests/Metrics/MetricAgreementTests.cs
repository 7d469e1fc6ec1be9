using Titer.Scenarios.Metrics;

namespace Titer.Scenarios.Tests.Metrics;

public sealed class MetricAgreementTests
{
    /// <summary>
    /// Two clinicians, 39 patients: 22 both yes, 2 first only, 4 second only, 11 both no; kappa .67. J. Sim, C. C. Wright, "The Kappa Statistic in Reliability Studies: Use,
    /// Interpretation, and Sample Size Requirements", Physical Therapy 85 (2005) 257-268.
    /// </summary>
    [Fact]
    public void Kappa_of_a_published_example_is_reproduced()
    {
        var report = Compare((22, 1, 1), (2, 1, 0), (4, 0, 1), (11, 0, 0));

        Assert.Equal(39, report.Count);
        Assert.Equal(6.0 / 39, report.Disagreement, 12);
        Assert.Equal(0.67, report.Kappa!.Value, 2);
    }

    [Fact]
    public void Kappa_is_one_for_equal_scores_minus_one_for_opposite_ones_and_nothing_where_it_is_not_defined()
    {
        Assert.Equal(1, Compare((3, 1, 1), (2, 0, 0)).Kappa!.Value, 12);
        Assert.Equal(-1, Compare((3, 1, 0), (3, 0, 1)).Kappa!.Value, 12);
        Assert.Null(Compare((5, 1, 1)).Kappa);
        Assert.Null(Compare().Kappa);
        Assert.Equal(0, Compare((1, 1, 1), (1, 1, 0)).Kappa!.Value, 12); // one side constant: no better than chance
    }

    [Fact]
    public void The_worst_are_those_on_different_sides_with_the_largest_difference_first()
    {
        var report = MetricAgreement.Compare(["same", "slight", "most", "twin", "edge"], [0.9, 0.49, 0.0, 0.9, 0.5], [0.5, 0.51, 1.0, 0.0, 0.49], 0.5, worstCount: 3);

        Assert.Equal(["most", "twin", "slight"], report.Worst.Select(w => w.PromptId));
        Assert.Equal(-1, report.Worst[0].Difference);
        Assert.Equal(0.8, report.Disagreement, 12);
    }

    [Fact]
    public void Lists_of_different_length_and_scores_that_are_no_numbers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => MetricAgreement.Compare(["a"], [1], [1, 2], 0.5));
        Assert.Throws<ArgumentException>(() => MetricAgreement.Compare(["a"], [double.NaN], [1], 0.5));
    }

    private static AgreementReport Compare(params (int Count, double First, double Second)[] cells)
    {
        var pairs = cells.SelectMany(c => Enumerable.Repeat((c.First, c.Second), c.Count)).ToArray();
        return MetricAgreement.Compare([.. pairs.Select((_, i) => $"p{i}")], [.. pairs.Select(p => p.First)], [.. pairs.Select(p => p.Second)], 0.5);
    }
}
