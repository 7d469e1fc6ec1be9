using Titer.Sdk;

namespace MyMetric.Tests;

public sealed class PlayTests
{
    [Fact]
    public void It_scores_each_answer_between_zero_and_one()
    {
        var context = new MetricContext(["p", "p", "p"], ["a b c", "c", ""], ["a b", "a c", "a"]);
        Assert.Equal([1, 0.5, 0], new Metric(new MetricOptions()).Score(context));
    }

    [Fact]
    public void A_lower_bar_counts_a_part_as_full() =>
        Assert.Equal([1.0], new Metric(new MetricOptions(Full: 0.5)).Score(new MetricContext(["p"], ["c"], ["a c"])));
}
