namespace Titer.Scenarios.Data;

/// <summary>Conversations as one text with the marks <c>Human:</c> and <c>Assistant:</c>, each after an empty
/// line, as HH-RLHF has them (Bai and others, 2022).</summary>
internal static class HumanAssistantText
{
    private static readonly (string Mark, ChatRole Role)[] Marks = [("\n\nHuman:", ChatRole.User), ("\n\nAssistant:", ChatRole.Assistant)];

    /// <summary>The messages, or null when the text does not begin with a question.</summary>
    public static List<ChatMessage>? Parse(string text)
    {
        text = "\n\n" + text.TrimStart().ReplaceLineEndings("\n");
        if (!text.StartsWith(Marks[0].Mark, StringComparison.Ordinal)) return null;
        var messages = new List<ChatMessage>();
        for (var at = 0; at < text.Length;)
        {
            var (mark, role) = Marks.First(m => string.CompareOrdinal(text, at, m.Mark, 0, m.Mark.Length) == 0);
            var start = at + mark.Length;
            at = Marks.Select(m => text.IndexOf(m.Mark, start, StringComparison.Ordinal)).Where(next => next >= 0).DefaultIfEmpty(text.Length).Min();
            messages.Add(new ChatMessage(role, text[start..at].Trim()));
        }

        return messages;
    }
}
