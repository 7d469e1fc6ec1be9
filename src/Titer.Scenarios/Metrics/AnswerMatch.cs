using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
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
/// 1 when the answer is the reference, else 0. Text is compared as in SQuAD's evaluation (Rajpurkar et al. 2016, arXiv 1606.05250): lower case, without
/// punctuation, English articles and extra white space. Numbers are compared as numbers.
/// </summary>
public sealed partial class AnswerMatch(AnswerExtraction extraction = AnswerExtraction.None, AnswerComparison comparison = AnswerComparison.Exact) : IMetric
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

        var (own, other) = (Normal(answer), Normal(reference));
        return comparison switch
        {
            AnswerComparison.Contains => other.Length > 0 && $" {own} ".Contains($" {other} ", StringComparison.Ordinal),
            AnswerComparison.Prefix => other.Length > 0 && $"{own} ".StartsWith($"{other} ", StringComparison.Ordinal),
            _ => own == other,
        };
    }

    private decimal? Number(string text)
    {
        var from = extraction == AnswerExtraction.AfterMarker ? AfterMarker(text) ?? text : text;
        var matches = Numbers().Matches(from);
        return matches.Count > 0 && decimal.TryParse(matches[^1].Value.Replace(",", "", StringComparison.Ordinal), NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static string? AfterMarker(string text) => text.LastIndexOf(Marker, StringComparison.Ordinal) is >= 0 and var at ? text[(at + Marker.Length)..].Split('\n')[0].Trim() : null;

    private static string Normal(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text.Normalize(NormalizationForm.FormKC).ToLowerInvariant()) plain.Append(char.IsPunctuation(c) ? ' ' : c);
        return string.Join(' ', plain.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(w => w is not ("a" or "an" or "the")));
    }

    // A minus sign counts only where no digit or letter stands before it: "5-3" is not "5, -3".
    [GeneratedRegex(@"(?<![\w.,])-?\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|(?<![\w])-?\d+(?:\.\d+)?")]
    private static partial Regex Numbers();
}
