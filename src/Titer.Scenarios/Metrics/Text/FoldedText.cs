using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Titer.Models.Tokenizers;

namespace Titer.Scenarios.Metrics.Text;

/// <summary>
/// Text made comparable: compatibility decomposition, no accents, lower case, no apostrophes, single spaces. What decomposes canonically is told by
/// <see cref="CanonicalForm"/>; the table here has what does so by compatibility alone (Latin, Greek, Hebrew, Arabic, Thai, kana, full-width forms).
/// </summary>
internal static class FoldedText
{
    private static readonly FrozenDictionary<char, string> Compatible = EmbeddedText.Lines("compatibility.txt")
        .ToFrozenDictionary(line => line[0], line => line[2..]);

    public static string Of(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (char.IsAscii(letter) || char.IsSurrogate(letter))
                Append(folded, letter);
            else if (Compatible.TryGetValue(letter, out var parts))
                foreach (var part in parts) Append(folded, part);
            else
                foreach (var point in CanonicalForm.PartsOf(letter))
                    foreach (var part in char.ConvertFromUtf32(point)) Append(folded, part);
        }

        return folded.ToString().TrimEnd();
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
