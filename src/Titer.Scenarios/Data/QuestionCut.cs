namespace Titer.Scenarios.Data;

/// <summary>Cuts questions inside of their marks: without them the model would not know who speaks.</summary>
internal static class QuestionCut
{
    /// <summary>As much of a question as fits; what it is about is cut first, where a row has that apart.</summary>
    /// <param name="fits">Whether a question is short enough.</param>
    /// <returns>Null when not even one character fits.</returns>
    public static ChatExample? Of(ChatExample example, TruncationSide side, Predicate<ChatExample> fits)
    {
        if (example.Input is not null)
        {
            var bare = example with { Input = null };
            if (!fits(bare)) return Of(bare, side, fits);
        }

        var text = example.Input ?? example.Prompt;
        int[] starts = [.. RuneStarts(text)];
        var (longest, least, most) = ((ChatExample?)null, 1, starts.Length - 1);
        while (least <= most)
        {
            var runes = (least + most) / 2;
            var piece = side == TruncationSide.Right ? text[..starts[runes]] : text[starts[^(runes + 1)]..];
            var kept = example.Input is null ? example with { Prompt = piece } : example with { Input = piece };
            if (fits(kept)) (longest, least) = (kept, runes + 1);
            else most = runes - 1;
        }

        if (longest is null && example.Input is not null) return example with { Input = null };
        return string.IsNullOrWhiteSpace(longest?.Prompt) ? null : longest;
    }

    /// <summary>Where characters begin, and the end.</summary>
    private static IEnumerable<int> RuneStarts(string text)
    {
        for (var i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
        {
            yield return i;
            if (i + 1 == text.Length) break;
        }

        yield return text.Length;
    }
}
