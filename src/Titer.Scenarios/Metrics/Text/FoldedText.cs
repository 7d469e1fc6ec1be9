using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Titer.Scenarios.Metrics.Text;

/// <summary>
/// Text made comparable: compatibility decomposition, no accents, lower case, no apostrophes, single spaces. The
/// table is Titer's own (Unicode's NFKD for Latin, Greek, Cyrillic,
/// Hebrew, Arabic, Indic, Thai, kana and full-width forms; Hangul by its formula), because <see
/// cref="string.Normalize()"/> does nothing without culture data.
/// </summary>
internal static class FoldedText
{
    private const int HangulFirst = 0xAC00, HangulCount = 11172, VowelCount = 21, TrailCount = 28;

    private static readonly FrozenDictionary<char, string> Decompositions = EmbeddedText.Lines("decompositions.txt")
        .ToFrozenDictionary(line => line[0], line => line[2..]);

    public static string Of(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (Decompositions.TryGetValue(letter, out var parts))
                foreach (var part in parts) Append(folded, part);
            else if (letter - HangulFirst is >= 0 and < HangulCount and var syllable)
                AppendHangul(folded, syllable);
            else
                Append(folded, letter);
        }

        return folded.ToString().TrimEnd();
    }

    /// <summary>As in The Unicode Standard, section 3.12.</summary>
    private static void AppendHangul(StringBuilder folded, int syllable)
    {
        folded.Append((char)(0x1100 + syllable / (VowelCount * TrailCount))).Append((char)(0x1161 + syllable / TrailCount % VowelCount));
        if (syllable % TrailCount is > 0 and var trail) folded.Append((char)(0x11A7 + trail));
    }

    private static void Append(StringBuilder folded, char letter)
    {
        if (char.IsWhiteSpace(letter))
        {
            if (folded.Length > 0 && folded[^1] != ' ') folded.Append(' ');
            return;
        }

        if (IsDropped(letter)) return;
        folded.Append(char.ToLowerInvariant(letter) switch
        {
            'ı' => 'i',
            'ς' => 'σ',
            'ى' => 'ي', // Persian and Arabic keyboards write the same letter in several ways
            'ی' => 'ي',
            'ک' => 'ك',
            var lower => lower,
        });
    }

    /// <summary>Apostrophes of all kinds, accents, Hebrew and Arabic vowel signs, and marks without width.</summary>
    private static bool IsDropped(char letter) => letter is '\'' or '`' or '´' or '‘' or '’' or '‛' or 'ʼ' or 'ʹ' or 'ʻ' or '＇' or '′'
        or (>= '\u0300' and <= '\u036F') or (>= '\u0591' and <= '\u05BD') or (>= '\u064B' and <= '\u065F') or '\u0670' or '\u0640'
        || char.GetUnicodeCategory(letter) == UnicodeCategory.Format;
}
