using System.Text.Json;

namespace Titer.Scenarios.Data;

/// <summary>Messages of a row in the forms that data sets have them in. Refusals name fields, types and lengths.</summary>
internal sealed class RowMessages(DataRow row, RoleNames roles)
{
    /// <summary>Null when tools take part: such a row is left out.</summary>
    public List<ChatMessage>? Of(string field)
    {
        var messages = new List<ChatMessage>();
        foreach (var item in row.List(row.Required(field), field))
        {
            var place = $"{field}[{messages.Count}]";
            var role = Text(item, place, "role", "from");
            if (!roles.TryFind(role, out var known))
                throw row.Problem("TITER526",
                    $"has an unknown role of {role.Length} characters in '{place}'. Roles are {roles}; map others under 'roles', to user, "
                        + $"assistant, system or {RoleNames.LeaveOut}.");
            if (known is not { } speaker || HasCalls(item)) return null;
            messages.Add(new ChatMessage(speaker, Content(item, place)));
        }

        return messages;
    }

    /// <summary>Pairs of a question and its answer, as LLaMA-Factory keeps earlier turns.</summary>
    public List<ChatMessage> Earlier(string field)
    {
        var messages = new List<ChatMessage>();
        if (!row.Has(field)) return messages;
        foreach (var (pair, i) in row.List(row.Required(field), field).Select((pair, i) => (pair, i)))
        {
            var place = $"{field}[{i}]";
            JsonElement[] parts = [.. row.List(pair, place)];
            if (parts.Length != 2)
                throw row.Problem("TITER526", $"has {parts.Length} texts in '{place}', not a question and its answer. Correct the row.");
            messages.Add(new ChatMessage(ChatRole.User, row.Text(parts[0], place)));
            messages.Add(new ChatMessage(ChatRole.Assistant, row.Text(parts[1], place)));
        }

        return messages;
    }

    private string Content(JsonElement item, string place)
    {
        var (name, value) = Member(item, place, "content", "value");
        if (value.ValueKind != JsonValueKind.Array) return row.Text(value, $"{place}.{name}");
        // Parts of text, one after the other, as chat templates write them.
        return string.Concat(value.EnumerateArray().Select((part, i) => part.ValueKind == JsonValueKind.String
            ? row.Text(part, $"{place}.{name}[{i}]")
            : row.Text(row.Member(part, $"{place}.{name}[{i}]", "text"), $"{place}.{name}[{i}].text")));
    }

    private string Text(JsonElement item, string place, params string[] names)
    {
        var (name, value) = Member(item, place, names);
        return row.Text(value, $"{place}.{name}");
    }

    /// <summary>The first of the names that the message has; both ways to write messages occur under either name of the list.</summary>
    private (string Name, JsonElement Value) Member(JsonElement item, string place, params string[] names)
    {
        var name = item.ValueKind == JsonValueKind.Object ? names.FirstOrDefault(name => item.TryGetProperty(name, out _)) : null;
        return name is not null
            ? (name, item.GetProperty(name))
            : throw row.Problem("TITER526", $"has no '{string.Join("' or '", names)}' in '{place}'. Correct the row, or declare another shape.");
    }

    private static bool HasCalls(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object
            && ((item.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array && calls.GetArrayLength() > 0)
            || (item.TryGetProperty("function_call", out var call) && call.ValueKind == JsonValueKind.Object));
}
