using System.Text;

namespace Titer.Scenarios.Data.Jinja;

/// <summary>
/// A text that knows of each character where it is from: the template itself, or a row of the data.
/// Whatever a template does with it, that stays known, so
/// that no text of a row becomes a control token.
/// </summary>
/// <param name="Marks">As long as the text: one of the constants a character.</param>
internal sealed record MarkedText(string Text, string Marks)
{
    public const char OfTemplate = 't';
    public const char OfRow = 'r';

    /// <summary>Of the answer that is being written.</summary>
    public const char OfAnswer = 'a';

    /// <summary>Of all that one text may have: a template that multiplies what it has would else fill the memory in forty lines.</summary>
    private const int MostCharacters = 2_000_000;

    public static MarkedText Empty { get; } = new("", "");

    public int Length => Text.Length;

    public static MarkedText Of(string text, char mark = OfTemplate) => new(text, new string(mark, text.Length));

    public static MarkedText Concat(IEnumerable<MarkedText> parts)
    {
        var (text, marks) = (new StringBuilder(), new StringBuilder());
        foreach (var part in parts)
        {
            Allow(text.Length + (long)part.Length);
            text.Append(part.Text);
            marks.Append(part.Marks);
        }

        return new MarkedText(text.ToString(), marks.ToString());
    }

    public static MarkedText operator +(MarkedText left, MarkedText right)
    {
        Allow((long)left.Length + right.Length);
        return new MarkedText(left.Text + right.Text, left.Marks + right.Marks);
    }

    public MarkedText Slice(int start, int length) => new(Text.Substring(start, length), Marks.Substring(start, length));

    /// <param name="characters">Null: white space.</param>
    public MarkedText Strip(string? characters = null, bool atStart = true, bool atEnd = true)
    {
        var (start, end) = (0, Length);
        while (atStart && start < end && IsStripped(Text[start])) start++;
        while (atEnd && end > start && IsStripped(Text[end - 1])) end--;
        return Slice(start, end - start);

        bool IsStripped(char c) => characters?.Contains(c, StringComparison.Ordinal) ?? char.IsWhiteSpace(c);
    }

    /// <param name="limit">Cuts at most; negative for all.</param>
    public List<MarkedText> Split(string? separator, long limit = -1, bool fromEnd = false)
    {
        if (separator is null) return Words();
        if (separator.Length == 0) throw new JinjaException("splits a text at an empty separator");
        var parts = new List<MarkedText>();
        var (start, end) = (0, Length);
        for (; limit != 0; limit--)
        {
            var at = fromEnd
                ? (end == 0 ? -1 : Text.LastIndexOf(separator, end - 1, end, StringComparison.Ordinal))
                : Text.IndexOf(separator, start, StringComparison.Ordinal);
            if (at < 0) break;
            if (fromEnd)
            {
                parts.Add(Slice(at + separator.Length, end - at - separator.Length));
                end = at;
            }
            else
            {
                parts.Add(Slice(start, at - start));
                start = at + separator.Length;
            }
        }

        parts.Add(fromEnd ? Slice(0, end) : Slice(start, Length - start));
        if (fromEnd) parts.Reverse();
        return parts;
    }

    public MarkedText Replace(string from, MarkedText to) => from.Length == 0 ? this : Join(to, Split(from));

    public static MarkedText Join(MarkedText separator, IReadOnlyList<MarkedText> parts) =>
        Concat(parts.SelectMany((part, i) => i == 0 ? (MarkedText[])[part] : [separator, part]));

    /// <summary>Every character for itself: the length stays.</summary>
    public MarkedText Each(Func<char, char> change) => this with { Text = string.Concat(Text.Select(change)) };

    /// <summary>For messages: what a row says is not repeated.</summary>
    public string Printed => string.Concat(Text.Select((c, i) => Marks[i] == OfTemplate ? c : i > 0 && Marks[i - 1] != OfTemplate ? '\0' : '…'))
        .Replace("\0", "", StringComparison.Ordinal);

    public override string ToString() => Text;

    private static void Allow(long characters)
    {
        if (characters > MostCharacters) throw new JinjaException("writes a text that is too long");
    }

    private List<MarkedText> Words()
    {
        var words = new List<MarkedText>();
        for (var i = 0; i < Length;)
        {
            if (char.IsWhiteSpace(Text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            while (i < Length && !char.IsWhiteSpace(Text[i])) i++;
            words.Add(Slice(start, i - start));
        }

        return words;
    }
}
