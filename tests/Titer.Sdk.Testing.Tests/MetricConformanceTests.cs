using Titer.Runtime.Conformance;

namespace Titer.Sdk.Testing.Tests;

/// <summary>Each question that a metric is asked, with a metric that fails it.</summary>
public sealed class MetricConformanceTests
{
    [Fact]
    public void A_good_metric_passes_what_metrics_are_asked()
    {
        var findings = Findings(new Lengths());
        Assert.Equal(ConformanceChecks.OfMetrics.Select(c => c.Name), findings.Select(f => f.Name));
        Assert.DoesNotContain(findings, f => f.Outcome is ConformanceOutcome.Failed or ConformanceOutcome.Warned);
        Assert.Equal(5, findings.Count(f => f.Outcome == ConformanceOutcome.Passed && f.Number <= 5));
    }

    [Theory]
    [InlineData("TITER824", "2 scores for 4 answers")]
    [InlineData("TITER825", "Two objects of it")]
    [InlineData("TITER826", "depends on the answers beside it")]
    [InlineData("TITER827", "an empty answer")]
    public void A_metric_that_breaks_a_rule_fails_the_question_for_it_and_no_other(string code, string words)
    {
        var finding = Assert.Single(Findings(Breaking(code)), f => f.Outcome == ConformanceOutcome.Failed);
        Assert.Equal(code, finding.Code);
        Assert.Contains(words, finding.Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_that_remembers_what_it_was_asked_is_found()
    {
        var finding = Assert.Single(Findings(new Remembers()), f => f.Outcome == ConformanceOutcome.Failed);
        Assert.Equal("TITER826", finding.Code);
        Assert.Contains("asked again", finding.Fact, StringComparison.Ordinal);
    }

    private static IMetric Breaking(string code) => code switch
    {
        "TITER824" => new Halves(),
        "TITER825" => new Drifts(),
        "TITER826" => new Ranks(),
        _ => new Divides(),
    };

    private static ConformanceFinding[] Findings(IMetric metric)
    {
        using var run = ConformanceRun.Of(metric.GetType(), () => Activator.CreateInstance(metric.GetType())!);
        return [.. run.AskAll()];
    }

    public sealed class Lengths : IMetric
    {
        public double[] Score(MetricContext context) => [.. context.Answers.Select(a => Math.Min(1, a.Length / 100.0))];
    }

    /// <summary>Of several answers it scores half.</summary>
    public sealed class Halves : IMetric
    {
        public double[] Score(MetricContext context) => new double[(context.Answers.Count + 1) / 2];
    }

    /// <summary>Every object scores a little higher than the one before.</summary>
    public sealed class Drifts : IMetric
    {
        private static int _made;
        private readonly double _score = 1 - 1.0 / (2 + Interlocked.Increment(ref _made));

        public double[] Score(MetricContext context) => [.. context.Answers.Select(_ => _score)];
    }

    public sealed class Ranks : IMetric
    {
        public double[] Score(MetricContext context) => [.. context.Answers.Select(a => a.Length / (1.0 + context.Answers.Sum(b => b.Length)))];
    }

    public sealed class Remembers : IMetric
    {
        private readonly HashSet<string> _seen = [];

        public double[] Score(MetricContext context) => [.. context.Answers.Select(a => _seen.Add(a) ? 1.0 : 0.0)];
    }

    public sealed class Divides : IMetric
    {
        public double[] Score(MetricContext context) =>
            [.. context.Answers.Select(a => Math.Min(1, 1.0 / (a.Length == 0 ? throw new DivideByZeroException() : a.Length)))];
    }
}
