using System.Globalization;
using System.Text;

namespace Titer.Files;

/// <summary>
/// Text of somebody else as it may stand on a terminal, in a report or in a table: what would move the cursor, recolor, rename the window, turn
/// the direction of writing or end a file for other tools is written as its code, <c>\u001b</c>. Used where such text enters the host.
/// </summary>
public static class VisibleText
{
    /// <summary>Line ends and tabs stay; the rest of the control and format characters are written out.</summary>
    /// <param name="most">Characters that are kept of a longer text.</param>
    public static string Of(string text, int most = int.MaxValue) =>
        Cut(text, Written(Head(text, most).ReplaceLineEndings("\n"), keepsLines: true), most);

    /// <summary>The same with line ends and tabs written out too.</summary>
    public static string OnOneLine(string text, int most = int.MaxValue) => Cut(text, Written(Head(text, most), keepsLines: false), most);

    private static string Head(string text, int most) => text.Length <= most ? text : text[..most];

    private static string Cut(string text, string written, int most) => text.Length <= most && written.Length <= most ? written
        : string.Create(CultureInfo.InvariantCulture, $"{written.AsSpan(0, Math.Min(most, written.Length))} ... ({text.Length} characters)");

    private static string Written(string text, bool keepsLines)
    {
        StringBuilder? written = null;
        for (var i = 0; i < text.Length;)
        {
            var isWhole = Rune.TryGetRuneAt(text, i, out var rune);
            var length = isWhole ? rune.Utf16SequenceLength : 1;
            if (isWhole && IsVisible(rune, keepsLines))
            {
                written?.Append(text, i, length);
            }
            else
            {
                written ??= new StringBuilder(text, 0, i, text.Length + 16);
                foreach (var unit in text.AsSpan(i, length)) written.Append(Escape(unit));
            }

            i += length;
        }

        return written?.ToString() ?? text;
    }

    private static bool IsVisible(Rune rune, bool keepsLines) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control => keepsLines && (rune.Value is '\n' or '\t'),
        UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate => false,
        _ => true,
    };

    private static string Escape(char unit) => unit switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
    };
}
