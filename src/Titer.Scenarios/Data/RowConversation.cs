using System.Text.Json;

namespace Titer.Scenarios.Data;

/// <summary>A row as a conversation.</summary>
/// <param name="Prompt">The last question.</param>
/// <param name="Answer">Null when the row has a question only.</param>
/// <param name="Rejected">The worse answer of a row that has two.</param>
/// <param name="Input">What the question is about, where the row has it apart.</param>
/// <param name="History">What comes before the last question; empty for most rows.</param>
internal sealed record RowConversation(IReadOnlyList<ChatMessage> History, string Prompt, string? Answer, string? Rejected = null, string? Input = null)
{
    private static readonly Dictionary<string, ChatRole> Roles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["system"] = ChatRole.System,
        ["user"] = ChatRole.User,
        ["human"] = ChatRole.User,
        ["assistant"] = ChatRole.Assistant,
        ["gpt"] = ChatRole.Assistant,
    };

    public static RowConversation Of(DataRow row, DataShape shape, Func<string, string> columnOf)
    {
        var conversation = shape switch
        {
            DataShape.Messages => OfMessages(row, Messages(row, row.Required(columnOf("messages")), columnOf("messages"), "role", "content"), columnOf("messages")),
            DataShape.ShareGpt => OfMessages(row, Messages(row, row.Required(columnOf("conversations")), columnOf("conversations"), "from", "value"), columnOf("conversations")),
            DataShape.Alpaca => new([], row.Text(columnOf("instruction")), row.Text(columnOf("output")), Input: row.OptionalText(columnOf("input"))),
            DataShape.PromptResponse => new([], row.Text(columnOf("prompt")), row.Text(columnOf("response"))),
            DataShape.ChosenRejected => OfPair(row, columnOf("prompt"), columnOf("chosen"), columnOf("rejected")),
            DataShape.PromptOnly => new([], row.Text(columnOf("prompt")), null),
            _ => throw row.Problem("TITER527", "is plain text, not a conversation. Declare a shape that has questions and answers."),
        };
        if (string.IsNullOrWhiteSpace(conversation.Prompt)) throw row.Problem("TITER526", "has an empty question. Remove the row.");
        if (row.OptionalText(columnOf("system")) is not { } system) return conversation;
        return conversation.History is [{ Role: ChatRole.System }, ..]
            ? throw row.Problem("TITER526", $"has a system prompt among its messages and in '{columnOf("system")}'. Keep one.")
            : conversation with { History = [new ChatMessage(ChatRole.System, system), .. conversation.History] };
    }

    private static List<ChatMessage> Messages(DataRow row, JsonElement list, string field, string roleKey, string textKey)
    {
        var messages = new List<ChatMessage>();
        foreach (var item in row.List(list, field))
        {
            var place = $"{field}[{messages.Count}]";
            var role = row.Text(row.Member(item, place, roleKey), $"{place}.{roleKey}");
            messages.Add(new ChatMessage(
                Roles.TryGetValue(role, out var known) ? known : throw row.Problem("TITER526", $"has an unknown role of {role.Length} characters in '{place}.{roleKey}'. Roles are {string.Join(", ", Roles.Keys)}."),
                row.Text(row.Member(item, place, textKey), $"{place}.{textKey}")));
        }

        return messages;
    }

    private static RowConversation OfMessages(DataRow row, List<ChatMessage> messages, string field)
    {
        var first = messages is [{ Role: ChatRole.System }, ..] ? 1 : 0;
        for (var i = first; i < messages.Count; i++)
            if (messages[i].Role != ((i - first) % 2 == 0 ? ChatRole.User : ChatRole.Assistant))
                throw row.Problem("TITER526", $"has a {messages[i].Role.ToString().ToLowerInvariant()} message out of turn in '{field}[{i}]'. Messages are an optional system one, then user and assistant in turn.");
        if (messages.Count == first) throw row.Problem("TITER526", $"has no message of a user in '{field}'. Remove the row.");
        return messages[^1].Role == ChatRole.Assistant
            ? new([.. messages[..^2]], messages[^2].Text, messages[^1].Text)
            : new([.. messages[..^1]], messages[^1].Text, null);
    }

    private static RowConversation OfPair(DataRow row, string prompt, string chosenField, string rejectedField)
    {
        var (chosen, rejected) = (One(chosenField), One(rejectedField));
        if (chosen.Prompt != rejected.Prompt || !chosen.History.SequenceEqual(rejected.History))
            throw row.Problem("TITER526", $"answers different questions in '{chosenField}' and '{rejectedField}'. Both must be the same conversation up to the last answer.");
        return chosen with
        {
            Answer = chosen.Answer ?? throw row.Problem("TITER526", $"ends without an answer in '{chosenField}'. Remove the row."),
            Rejected = rejected.Answer ?? throw row.Problem("TITER526", $"ends without an answer in '{rejectedField}'. Remove the row."),
        };

        RowConversation One(string field)
        {
            if (row.HasList(field)) return OfMessages(row, Messages(row, row.Required(field), field, "role", "content"), field);
            var text = row.Text(field);
            if (HumanAssistantText.Parse(text) is { } messages) return OfMessages(row, messages, field);
            return row.Has(prompt)
                ? new([], row.Text(prompt), text)
                : throw row.Problem("TITER526", $"has a text of {text.Length} characters in '{field}' that does not begin with 'Human:', and no '{prompt}' that it could answer. Add the prompt, or map its column.");
        }
    }
}
