using System.Text.RegularExpressions;

namespace Titer.Scenarios.Metrics.Text;

/// <summary>Numbers as people write them, in one spelling: no thousands separators, no plus, no leading zeros, no zeros
/// at the end of decimals. Fractions stay fractions.</summary>
internal static partial class NumberText
{
    /// <summary>The last number of a text, or null.</summary>
    public static string? Last(string text) => Pattern().Matches(text) is { Count: > 0 } all ? Canonical(all[^1]) : null;

    /// <summary>The text with every number in its one spelling.</summary>
    public static string Unify(string text) => Pattern().Replace(text, Canonical);

    private static string Canonical(Match number)
    {
        var whole = Trimmed(number.Groups["whole"].Value.Replace(",", "", StringComparison.Ordinal));
        var decimals = number.Groups["decimals"].Value.TrimEnd('0');
        var value = decimals.Length > 0 ? $"{whole}.{decimals}" : whole;
        if (number.Groups["below"].Success) value += $"/{Trimmed(number.Groups["below"].Value)}";
        return number.Groups["minus"].Success && value != "0" ? $"-{value}" : value;
    }

    private static string Trimmed(string digits) => digits.TrimStart('0') is { Length: > 0 } rest ? rest : "0";

    // A minus or plus is a sign only where no digit, letter or closing bracket stands before it: "9-4" is 9 and 4,
    // "-4" is -4. A comma belongs to a number only before exactly three digits. A point without digits behind it ends
    // the sentence. "3/4" is one number, "3/4/5" (a date) is not.
    [GeneratedRegex(@"(?:(?<![\p{L}\p{Nd})\]])(?:(?<minus>[-−–])|\+))?[$€£]?(?:(?<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.(?<decimals>\d+))?"
        + @"|(?<=(?<![\p{L}\p{Nd}])[-−–+$€£]?)(?<whole>)\.(?<decimals>\d+))"
        + @"(?:\s?/\s?(?<below>\d+)(?![\d/.]))?")]
    private static partial Regex Pattern();
}
