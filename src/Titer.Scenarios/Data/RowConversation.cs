namespace Titer.Scenarios.Data;

/// <summary>A row as a conversation.</summary>
/// <param name="Prompt">The last question.</param>
/// <param name="Answer">Null when the row has a question only.</param>
/// <param name="Rejected">The worse answer of a row that has two.</param>
/// <param name="Input">What the question is about, where the row has it apart.</param>
/// <param name="History">What comes before the last question; empty for most rows.</param>
internal sealed record RowConversation(IReadOnlyList<ChatMessage> History, string Prompt, string? Answer, string? Rejected = null,
    string? Input = null)
{
    /// <summary>Null when tools take part in the conversation.</summary>
    public static RowConversation? Of(DataRow row, DataShape shape, Func<string, string> columnOf, RoleNames? roles = null)
    {
        var messages = new RowMessages(row, roles ?? RoleNames.Known);
        var conversation = shape switch
        {
            DataShape.Messages => OfMessages(row, messages.Of(columnOf("messages")), columnOf("messages")),
            DataShape.ShareGpt => OfMessages(row, messages.Of(columnOf("conversations")), columnOf("conversations")),
            DataShape.Alpaca => new(messages.Earlier(columnOf("history")), row.Text(columnOf("instruction")), row.Text(columnOf("output")),
                Input: row.OptionalText(columnOf("input"))),
            DataShape.PromptResponse => new(messages.Earlier(columnOf("history")), row.Text(columnOf("prompt")), row.Text(columnOf("response"))),
            DataShape.PromptCompletion => OfCompletion(row, messages, columnOf("prompt"), columnOf("completion")),
            DataShape.ChosenRejected => OfPair(row, messages, columnOf("prompt"), columnOf("chosen"), columnOf("rejected")),
            DataShape.PromptOnly => row.HasList(columnOf("prompt"))
                ? OfMessages(row, messages.Of(columnOf("prompt")), columnOf("prompt"))
                : new([], row.Text(columnOf("prompt")), null),
            _ => throw row.Problem("TITER527", "is plain text, not a conversation. Declare a shape that has questions and answers."),
        };
        if (conversation is null) return null;
        if (string.IsNullOrWhiteSpace(conversation.Prompt)) throw row.Problem("TITER526", "has an empty question. Remove the row.");
        if (row.OptionalText(columnOf("system")) is not { } system) return conversation;
        return conversation.History is [{ Role: ChatRole.System }, ..]
            ? throw row.Problem("TITER526", $"has a system prompt among its messages and in '{columnOf("system")}'. Keep one.")
            : conversation with { History = [new ChatMessage(ChatRole.System, system), .. conversation.History] };
    }

    private static RowConversation? OfMessages(DataRow row, List<ChatMessage>? messages, string field)
    {
        if (messages is null) return null;
        var first = messages is [{ Role: ChatRole.System }, ..] ? 1 : 0;
        for (var i = first; i < messages.Count; i++)
            if (messages[i].Role != ((i - first) % 2 == 0 ? ChatRole.User : ChatRole.Assistant))
                throw row.Problem("TITER526",
                    $"has a {messages[i].Role.ToString().ToLowerInvariant()} message out of turn in '{field}[{i}]'. Messages are an optional "
                        + "system one, then user and assistant in turn.");
        if (messages.Count == first) throw row.Problem("TITER526", $"has no message of a user in '{field}'. Remove the row.");
        return messages[^1].Role == ChatRole.Assistant
            ? new([.. messages[..^2]], messages[^2].Text, messages[^1].Text)
            : new([.. messages[..^1]], messages[^1].Text, null);
    }

    private static RowConversation? OfCompletion(DataRow row, RowMessages messages, string prompt, string completion)
    {
        if (!row.HasList(prompt))
            return new([], row.Text(prompt), row.HasList(completion) ? OneAnswer(row, messages, completion) : row.Text(completion));
        if (messages.Of(prompt) is not { } asked) return null;
        if (row.HasList(completion)) return messages.Of(completion) is { } answered ? OfMessages(row, [.. asked, .. answered], completion) : null;
        return OfMessages(row, [.. asked, new ChatMessage(ChatRole.Assistant, row.Text(completion))], completion);
    }

    private static string OneAnswer(DataRow row, RowMessages messages, string field) => messages.Of(field) is [{ Role: ChatRole.Assistant } answer]
        ? answer.Text
        : throw row.Problem("TITER526", $"has in '{field}' something else than one message of the assistant. Correct the row.");

    private static RowConversation? OfPair(DataRow row, RowMessages messages, string prompt, string chosenField, string rejectedField)
    {
        if (One(chosenField) is not { } chosen || One(rejectedField) is not { } rejected) return null;
        if (chosen.Prompt != rejected.Prompt || !chosen.History.SequenceEqual(rejected.History))
            throw row.Problem("TITER526",
                $"answers different questions in '{chosenField}' and '{rejectedField}'. Both must be the same conversation up to the last answer.");
        return chosen with
        {
            Answer = chosen.Answer ?? throw row.Problem("TITER526", $"ends without an answer in '{chosenField}'. Remove the row."),
            Rejected = rejected.Answer ?? throw row.Problem("TITER526", $"ends without an answer in '{rejectedField}'. Remove the row."),
        };

        RowConversation? One(string field)
        {
            // The prompt's messages, then the answer, as TRL has it: as a list of one message, or as a text.
            var asked = row.HasList(prompt) ? messages.Of(prompt) : null;
            if (row.HasList(prompt) && asked is null) return null;
            if (row.HasList(field))
            {
                if (messages.Of(field) is not { } said) return null;
                if (said is not [{ Role: ChatRole.Assistant }, ..]) return OfMessages(row, said, field);
                return OfMessages(row, [.. asked ?? [new ChatMessage(ChatRole.User, row.Text(prompt))], .. said], field);
            }

            var text = row.Text(field);
            if (asked is not null) return OfMessages(row, [.. asked, new ChatMessage(ChatRole.Assistant, text)], field);
            if (HumanAssistantText.Parse(text) is { } parsed) return OfMessages(row, parsed, field);
            return row.Has(prompt)
                ? new([], row.Text(prompt), text)
                : throw row.Problem("TITER526",
                    $"has a text of {text.Length} characters in '{field}' that does not begin with 'Human:', and no '{prompt}' that it could "
                        + "answer. Add the prompt, or map its column.");
        }
    }
}
