using System.Text;

namespace Titer.Plugins;

/// <summary>
/// A list of texts as one text: separated by commas. An item that is empty, holds a comma or a quote, or begins or ends with a space stands in
/// double quotes, with its own quotes doubled: every list reads back as it was.
/// </summary>
public static class TextListSyntax
{
    public static string Join(IEnumerable<string> items) => string.Join(',', items.Select(Quoted));

    /// <summary>Spaces around items and empty items without quotes do not count.</summary>
    public static string[] Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var items = new List<string>();
        for (var at = 0; at < text.Length; at++)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at < text.Length && text[at] == '"' && QuotedItem(text, at) is { } quoted)
            {
                items.Add(quoted.Item);
                at = quoted.End;
                continue;
            }

            var end = text.IndexOf(',', at) is var comma and >= 0 ? comma : text.Length;
            if (text[at..end].Trim() is { Length: > 0 } item) items.Add(item);
            at = end;
        }

        return [.. items];
    }

    private static string Quoted(string item) => item.Length == 0 || item.AsSpan().ContainsAny(',', '"') || item.Trim().Length < item.Length
        ? $"\"{item.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : item;

    /// <returns>The item that begins with a quote, and where the comma behind it is; null when a quote is only part of a plain item.</returns>
    private static (string Item, int End)? QuotedItem(string text, int start)
    {
        var item = new StringBuilder();
        for (var at = start + 1; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                item.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                item.Append('"');
                at++;
            }
            else
            {
                var end = at + 1;
                while (end < text.Length && char.IsWhiteSpace(text[end])) end++;
                return end == text.Length || text[end] == ',' ? (item.ToString(), end) : null;
            }
        }

        return null;
    }
}
