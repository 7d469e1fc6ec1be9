using System.Globalization;
using System.Text;

namespace Titer.Scenarios.Metrics.Text;

/// <summary>Words in lower case; every letter by itself in scripts that are written without spaces.</summary>
internal static class WordTokens
{
    public static IReadOnlyList<string> Of(string text)
    {
        var tokens = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var unspaced = IsUnspaced(rune);
            if (word.Length > 0 && (unspaced || !IsWordPart(rune)))
            {
                tokens.Add(word.ToString());
                word.Clear();
            }

            if (unspaced) tokens.Add(rune.ToString());
            else if (IsWordPart(rune)) word.Append(Rune.ToLowerInvariant(rune));
        }

        if (word.Length > 0) tokens.Add(word.ToString());
        return tokens;
    }

    public static bool IsWordPart(Rune rune) => Rune.IsLetterOrDigit(rune) ||
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber;

    /// <summary>Letters of Thai, Lao, Tibetan, Burmese, Khmer, Chinese and Japanese.</summary>
    public static bool IsUnspaced(Rune rune) => Rune.IsLetter(rune) &&
        rune.Value is (>= 0x0E00 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x2E80 and <= 0x31FF) or (>= 0x3400 and <= 0x9FFF)
            or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
