using System.Globalization;
using System.Text;

namespace Titer.Models.Tests.Tokenizers;

/// <summary>The three common pre-tokenizer patterns as hand-written scanners over code points.</summary>
internal static class NaiveWords
{
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    public static IEnumerable<string> Gpt2(string text) => Scan(text, (runes, i) =>
    {
        if (Contraction(runes, i, StringComparison.Ordinal) is > 0 and var contraction) return contraction;
        var space = runes[i].Value == ' ' ? 1 : 0;
        foreach (var kind in (Func<Rune, bool>[])[IsLetter, IsNumber, IsOther])
            if (Run(runes, i + space, kind) is > 0 and var length) return space + length;
        return Spaces(runes, i);
    });

    /// <summary>Llama 3 (3 digits at once) and Qwen2 (1 digit).</summary>
    public static IEnumerable<string> Llama3(string text, int digits) => Scan(text, (runes, i) =>
    {
        if (Contraction(runes, i, StringComparison.OrdinalIgnoreCase) is > 0 and var contraction) return contraction;
        var lead = !IsLetter(runes[i]) && !IsNumber(runes[i]) && !IsBreak(runes[i]) ? 1 : 0;
        if (Run(runes, i + lead, IsLetter) is > 0 and var letters) return lead + letters;
        if (Run(runes, i, IsNumber) is > 0 and var numbers) return Math.Min(numbers, digits);
        var space = runes[i].Value == ' ' ? 1 : 0;
        if (Run(runes, i + space, IsOther) is > 0 and var others) return space + others + Run(runes, i + space + others, IsBreak);
        var blank = Run(runes, i, Rune.IsWhiteSpace);
        for (var end = blank; end > 0; end--)
            if (IsBreak(runes[i + end - 1])) return end;
        return Spaces(runes, i);
    });

    private static IEnumerable<string> Scan(string text, Func<Rune[], int, int> next)
    {
        var runes = text.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length;)
        {
            var length = next(runes, i);
            yield return string.Concat(runes.Skip(i).Take(length).Select(r => r.ToString()));
            i += length;
        }
    }

    /// <summary>White space leaves its last character to the word that follows.</summary>
    private static int Spaces(Rune[] runes, int i)
    {
        var length = Run(runes, i, Rune.IsWhiteSpace);
        return i + length < runes.Length && length > 1 ? length - 1 : length;
    }

    private static int Contraction(Rune[] runes, int i, StringComparison comparison) => Contractions
        .FirstOrDefault(c => string.Concat(runes.Skip(i).Take(c.Length).Select(r => r.ToString())).Equals(c, comparison))?.Length ?? 0;

    private static int Run(Rune[] runes, int i, Func<Rune, bool> kind) => runes.Skip(i).TakeWhile(kind).Count();

    private static bool IsBreak(Rune rune) => rune.Value is '\r' or '\n';

    private static bool IsLetter(Rune rune) => Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.OtherLetter;

    private static bool IsNumber(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool IsOther(Rune rune) => !Rune.IsWhiteSpace(rune) && !IsLetter(rune) && !IsNumber(rune);
}
