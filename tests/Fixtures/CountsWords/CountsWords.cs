// A good metric: the part of the expected answer's words that the given one has (a unigram recall, as ROUGE-1; Lin 2004).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;

[assembly: TiterPlugin("counts_words", SdkApi.Level, Summary = "Part of the expected answer's words that the given answer has.")]

namespace CountsWords;

/// <param name="Full">Recall from which an answer counts as full.</param>
public sealed record WordOptions([Range(0.01, 1)] double Full = 1);

public sealed class WordMetric(WordOptions options) : IMetric
{
    public double[] Score(MetricContext context) =>
        [.. context.Answers.Zip(context.References, (answer, reference) => Math.Min(1, Recall(Words(answer), Words(reference)) / options.Full))];

    private static double Recall(HashSet<string> given, HashSet<string> expected) =>
        expected.Count == 0 ? 0 : expected.Count(given.Contains) / (double)expected.Count;

    private static HashSet<string> Words(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}
