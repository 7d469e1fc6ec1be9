using Titer.Models.Tokenizers;
using Titer.Scenarios.Data.Jinja;

namespace Titer.Scenarios.Data;

/// <summary>Where a text of a format, not of a row, spells control tokens.</summary>
internal static class ControlSpans
{
    /// <summary>Leftmost, then longest; every character must be the format's own.</summary>
    public static IEnumerable<(int Start, int Length, int Id)> In(MarkedText text, ITextTokenizer tokenizer)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text.Marks[at] != MarkedText.OfTemplate) continue;
            var own = text.Marks.AsSpan(at).IndexOfAnyExcept(MarkedText.OfTemplate) is >= 0 and var length ? length : text.Length - at;
            if (tokenizer.ControlAt(text.Text.AsSpan(at, own)) is not { } token) continue;
            yield return (at, token.Length, token.Id);
            at += token.Length - 1;
        }
    }
}
