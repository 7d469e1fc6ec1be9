using System.Text;
using System.Text.RegularExpressions;

namespace Titer.Scenarios.Metrics.Text;

/// <summary>
/// Lower case, no punctuation, no articles, single spaces, as in the evaluation of SQuAD (Rajpurkar et al. 2016). One
/// deviation: numbers keep their sign, point and fraction bar (there "3.5" becomes "35" and "-5" becomes "5") and lose their thousands separators.
/// </summary>
internal static partial class NormalizedAnswer
{
    public static string Of(string text)
    {
        var unified = NumberText.Unify(text.ToLowerInvariant());
        var kept = new StringBuilder(unified.Length);
        for (var i = 0; i < unified.Length; i++)
            if (!IsDropped(unified, i)) kept.Append(unified[i]);
        return string.Join(' ', Articles().Replace(kept.ToString(), " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static bool IsDropped(string text, int at)
    {
        var letter = text[at];
        if (!char.IsPunctuation(letter) && !(char.IsAscii(letter) && char.IsSymbol(letter))) return false;
        var beforeDigit = at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]);
        var afterDigit = at > 0 && char.IsAsciiDigit(text[at - 1]);
        return letter switch
        {
            '.' or '/' => !(beforeDigit && afterDigit),
            '-' => !beforeDigit || (at > 0 && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is ')' or ']')),
            _ => true,
        };
    }

    [GeneratedRegex(@"\b(?:a|an|the)\b")]
    private static partial Regex Articles();
}
