// Name the paper here: title, authors, year, and what your code simplifies.
// This one measures how much of the expected answer is in the given one: the part of its words, in
// any order (a unigram recall, as ROUGE-1; Lin 2004).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;

[assembly: TiterPlugin("my_metric", SdkApi.Level, Summary = "Part of the expected answer's words that the given answer has.")]

namespace MyMetric;

/// <summary>One positional record: a default for every option, ranges by attributes.</summary>
/// <param name="Full">Recall from which an answer counts as full.</param>
public sealed record MetricOptions([Range(0.01, 1)] double Full = 1);

public sealed class Metric(MetricOptions options) : IMetric
{
    public double[] Score(MetricContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return [.. context.Answers.Zip(context.References,
            (answer, reference) => Math.Min(1, Recall(Words(answer), Words(reference)) / options.Full))];
    }

    private static double Recall(HashSet<string> given, HashSet<string> expected) =>
        expected.Count == 0 ? 0 : expected.Count(given.Contains) / (double)expected.Count;

    private static HashSet<string> Words(string text) => [.. text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}
