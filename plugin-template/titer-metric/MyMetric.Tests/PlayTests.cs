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

    // A tournament asks many times, in no fixed order and in lists of any length, about whatever a model said.
    [Fact]
    public void An_answer_is_scored_by_itself_however_odd_it_is()
    {
        var metric = new Metric(new MetricOptions());
        string[] answers = ["a b", "", " \n", new string('x', 100_000), "\uD83D \0 NaN"];
        var together = metric.Score(new MetricContext([.. answers.Select(_ => "p")], answers, [.. answers.Select(_ => "a b")]));
        Assert.Equal(together, answers.Select(answer => metric.Score(new MetricContext(["p"], [answer], ["a b"]))[0]));
        Assert.All(together, score => Assert.InRange(score, 0, 1));
    }

    [Fact]
    public void A_lower_bar_counts_a_part_as_full() =>
        Assert.Equal([1.0], new Metric(new MetricOptions(Full: 0.5)).Score(new MetricContext(["p"], ["c"], ["a c"])));
}
