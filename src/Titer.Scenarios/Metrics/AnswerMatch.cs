using Titer.Scenarios.Metrics.Text;
using Titer.Sdk;

namespace Titer.Scenarios.Metrics;

/// <summary>What of an answer is compared.</summary>
public enum AnswerExtraction
{
    None,

    /// <summary>The last number in it, as answers to word problems end.</summary>
    LastNumber,

    /// <summary>What follows <c>####</c> (GSM8K, Cobbe et al. 2021, arXiv 2110.14168); without it, the last number.</summary>
    AfterMarker,
}

public enum AnswerComparison
{
    Exact,

    /// <summary>The reference occurs in the answer.</summary>
    Contains,

    /// <summary>The answer begins with the reference.</summary>
    Prefix,
}

/// <summary>
/// 1 when the answer is the reference, else 0. Text is compared as in SQuAD's evaluation (Rajpurkar
/// et al. 2016, arXiv 1606.05250): lower case, without
/// punctuation, English articles and extra white space; but numbers keep sign, point and fraction bar, and are compared in one spelling.
/// </summary>
public sealed class AnswerMatch(AnswerExtraction extraction = AnswerExtraction.None, AnswerComparison comparison = AnswerComparison.Exact) : IMetric
{
    private const string Marker = "####";

    public double[] Score(MetricContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return [.. context.Answers.Zip(context.References, (answer, reference) => Matches(answer, reference) ? 1.0 : 0.0)];
    }

    private bool Matches(string answer, string reference)
    {
        if (extraction != AnswerExtraction.None)
        {
            if (Number(answer) is { } given && Number(reference) is { } right) return given == right;
            if (extraction == AnswerExtraction.LastNumber) return false;
            (answer, reference) = (AfterMarker(answer) ?? answer, AfterMarker(reference) ?? reference);
        }

        var (own, other) = (NormalizedAnswer.Of(answer), NormalizedAnswer.Of(reference));
        if (other.Length == 0) return answer.Trim() == reference.Trim(); // punctuation only: nothing is left to normalize
        return comparison switch
        {
            AnswerComparison.Contains => $" {own} ".Contains($" {other} ", StringComparison.Ordinal),
            AnswerComparison.Prefix => $"{own} ".StartsWith($"{other} ", StringComparison.Ordinal),
            _ => own == other,
        };
    }

    private string? Number(string text) => NumberText.Last(extraction == AnswerExtraction.AfterMarker ? AfterMarker(text) ?? text : text);

    private static string? AfterMarker(string text) =>
        text.LastIndexOf(Marker, StringComparison.Ordinal) is >= 0 and var at ? text[(at + Marker.Length)..].Split('\n')[0].Trim() : null;
}
