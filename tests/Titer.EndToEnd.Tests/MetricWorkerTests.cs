using System.Collections.Immutable;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// The process of one metric: what it does in place of answering has a code, and the next question meets a process that can answer.
/// </summary>
public sealed class MetricWorkerTests
{
    private static readonly MetricContext Question = new(["p", "q"], ["leek and salt", ""], ["leek salt", "mint"]);

    [Theory]
    [SampledData("throws", "TITER555", "System.FormatException: the answer has no number")]
    [SampledData("throws_in_constructor", "TITER555", "the word list is missing")]
    [SampledData("hangs", "TITER556", "within 3 s")]
    [SampledData("not_a_number", "TITER557", "NaN for answer 2 of 2")]
    [SampledData("too_large", "TITER557", "1.5 for answer 1 of 2")]
    [SampledData("one_too_few", "TITER557", "1 scores for 2 answers")]
    [SampledData("nothing", "TITER557", "nothing for 2 answers")]
    [SampledData("exits", "TITER558", "exit code 0")]
    [SampledData("fails_fast", "TITER558", "this metric has had enough")]
    [SampledData("overflows_stack", "TITER558", "exit code 134")]
    [SampledData("eats_memory", "", "memory")]
    public async Task What_a_metric_does_in_place_of_scoring_is_named(string misdeed, string code, string words)
    {
        await using var workers = Workers();
        var metric = Of("BadMetric", ("misdeed", misdeed)) with { Limits = new MetricLimits(misdeed == "hangs" ? 3 : 60, 700) };

        var fault = await Assert.ThrowsAsync<MetricFaultException>(() => workers.ScoreAsync(metric, Question,
            TestContext.Current.CancellationToken));

        Assert.Contains(words, fault.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("'bad_metric'", fault.Message, StringComparison.Ordinal);
        string[] codes = code.Length > 0 ? [code] : ["TITER555", "TITER558"];
        Assert.Contains(fault.Code, codes);
    }

    [Fact]
    public async Task A_metric_that_never_answered_is_not_asked_for_ever()
    {
        await using var workers = Workers();
        var metric = Of("BadMetric", ("misdeed", "exits"));
        var said = new List<string>();

        for (var i = 0; i < 4; i++) said.Add(
            (await Assert.ThrowsAsync<MetricFaultException>(() => workers.ScoreAsync(metric, Question, TestContext.Current.CancellationToken)))
            .Message);

        Assert.All(said, message => Assert.Contains("TITER558", message, StringComparison.Ordinal));
        Assert.Equal([false, false, false, true], said.Select(message => message.Contains("It was not asked again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Answers_are_scored_in_order_and_a_list_too_long_for_one_message_in_parts()
    {
        await using var workers = Workers();
        var metric = Of("CountsWords", ("full", "0.5"));
        var filler = new string('x', 3_000_000);
        string[] answers = ["leek", $"salt {filler}", filler, "leek salt", $"{filler} salt leek"];

        var scores = await workers.ScoreAsync(metric,
            new MetricContext([.. answers.Select(_ => "p")], answers, [.. answers.Select(_ => "leek salt mint ice")]),
            TestContext.Current.CancellationToken);

        Assert.Equal([0.5, 0.5, 0, 1, 1], scores);
        var after = await workers.ScoreAsync(metric, Question, TestContext.Current.CancellationToken);
        Assert.Equal([1, 0], after);
    }

    [Fact]
    public async Task A_build_that_is_not_the_planned_one_does_not_score()
    {
        await using var workers = Workers();

        var fault = await Assert.ThrowsAsync<MetricFaultException>(() =>
            workers.ScoreAsync(Of("CountsWords") with { ContentHash = new string('0', 64) }, Question, TestContext.Current.CancellationToken));

        Assert.Equal(PluginProblemCode.FilesChanged, fault.Code);
    }

    private static MetricWorkers Workers() => new(Path.Combine(TiterProcess.CommandLineFolder, "worker", "Titer.Worker.dll"),
        WorkerProtection.Detect(SandboxMode.Auto));

    private static MetricOrder Of(string fixture, params (string Name, string Value)[] options)
    {
        var plugin = new PluginGate().Inspect(Path.Combine(Zoo.Fixtures, fixture)).Plugin!;
        return new MetricOrder
        {
            Id = plugin.Manifest.Id,
            ContentHash = plugin.Manifest.ContentHash,
            Options = options.ToImmutableSortedDictionary(o => o.Name, o => o.Value),
            Folder = plugin.Folder,
            Limits = MetricLimits.Default,
        };
    }
}
