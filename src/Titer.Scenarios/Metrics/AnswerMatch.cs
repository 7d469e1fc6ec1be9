using Titer.Scenarios.Metrics.Text;
using Titer.Sdk;

namespace Titer.Scenarios.Metrics;

/// <summary>What of an answer is compared.</summary>
public enum AnswerExtract
{
    None,
    LastNumber,

    /// <summary>What follows the last marker, to the end of its line.</summary>
    AfterMarker,
}

public enum AnswerComparison
{
    Exact,

    /// <summary>The answer contains the reference as whole words.</summary>
    Contains,

    /// <summary>The answer begins with the reference as whole words.</summary>
    Prefix,
}

public sealed record AnswerMatchOptions
{
    public AnswerExtract Extract { get; init; }

    public string Marker { get; init; } = "####";

    public AnswerComparison Match { get; init; }
}

/// <summary>
/// 1 when the answer is the reference after normalization, else 0. An answer from which nothing can be extracted scores 0; a reference from which nothing can be extracted is compared
/// whole, so references may be bare answers.
/// </summary>
public sealed class AnswerMatch(AnswerMatchOptions options) : IMetric
{
    public double[] Score(MetricContext context) => [.. context.Answers.Zip(context.References, (answer, reference) => Matches(answer, reference) ? 1.0 : 0.0)];

    public bool Matches(string answer, string reference)
    {
        if (Extract(answer) is not { } given) return false;
        var right = Extract(reference) ?? reference;
        var (a, r) = (NormalizedAnswer.Of(given), NormalizedAnswer.Of(right));
        if (r.Length == 0) return given.Trim() == right.Trim(); // a reference of punctuation only: nothing is left to normalize
        return options.Match switch
        {
            AnswerComparison.Contains => $" {a} ".Contains($" {r} ", StringComparison.Ordinal),
            AnswerComparison.Prefix => $"{a} ".StartsWith($"{r} ", StringComparison.Ordinal),
            _ => a == r,
        };
    }

    private string? Extract(string text)
    {
        switch (options.Extract)
        {
            case AnswerExtract.LastNumber:
                return NumberText.Last(text);
            case AnswerExtract.AfterMarker when text.LastIndexOf(options.Marker, StringComparison.Ordinal) is >= 0 and var at:
                var rest = text[(at + options.Marker.Length)..].TrimStart();
                return rest.Split('\n')[0].Trim();
            case AnswerExtract.AfterMarker:
                return null;
            default:
                return text;
        }
    }
}
