namespace Titer.Scenarios.Data;

/// <summary>What the fields of a row mean.</summary>
public enum DataShape
{
    /// <summary>OpenAI style: <c>messages</c>, a list of <c>role</c> and <c>content</c>.</summary>
    Messages,

    /// <summary><c>conversations</c>, a list of <c>from</c> and <c>value</c>.</summary>
    ShareGpt,

    /// <summary><c>instruction</c>, <c>input</c> (may be absent) and <c>output</c>.</summary>
    Alpaca,

    /// <summary><c>prompt</c> and <c>response</c>.</summary>
    PromptResponse,

    /// <summary><c>chosen</c> and <c>rejected</c>: <c>Human: ... Assistant: ...</c> texts, lists of messages, or answers to a <c>prompt</c>.</summary>
    ChosenRejected,

    /// <summary><c>prompt</c> alone.</summary>
    PromptOnly,

    /// <summary><c>text</c>, which is no conversation.</summary>
    Text,
}

/// <summary>The names of shapes, and how a shape is recognized.</summary>
internal static class DataShapes
{
    public static IReadOnlyDictionary<string, DataShape> ByName { get; } = new OrderedDictionary<string, DataShape>
    {
        ["messages"] = DataShape.Messages,
        ["sharegpt"] = DataShape.ShareGpt,
        ["alpaca"] = DataShape.Alpaca,
        ["prompt-response"] = DataShape.PromptResponse,
        ["chosen-rejected"] = DataShape.ChosenRejected,
        ["prompt-only"] = DataShape.PromptOnly,
        ["text"] = DataShape.Text,
    };

    /// <summary>The columns that may be mapped to a file's own names.</summary>
    public static string[] Columns { get; } =
        ["messages", "conversations", "instruction", "input", "output", "prompt", "response", "chosen", "rejected", "text", "refusal", "system"];

    public static string NameOf(DataShape shape) => ByName.First(pair => pair.Value == shape).Key;

    /// <summary>The one shape that the first row's fields fit.</summary>
    public static DataShape Recognize(DataRow row, Func<string, string> columnOf)
    {
        bool Has(string name) => row.Has(columnOf(name));
        var found = new List<DataShape>();
        if (row.HasList(columnOf("messages"))) found.Add(DataShape.Messages);
        if (row.HasList(columnOf("conversations"))) found.Add(DataShape.ShareGpt);
        if (Has("instruction") && Has("output")) found.Add(DataShape.Alpaca);
        if (Has("chosen") && Has("rejected")) found.Add(DataShape.ChosenRejected);
        else if (Has("prompt") && Has("response")) found.Add(DataShape.PromptResponse);
        else if (Has("prompt") && found.Count == 0) found.Add(DataShape.PromptOnly);
        else if (Has("text") && found.Count == 0) found.Add(DataShape.Text);
        return found.Count == 1
            ? found[0]
            : throw row.Problem("TITER527", $"fits {(found.Count == 0 ? "no shape" : $"several shapes: {string.Join(", ", found.Select(NameOf))}")}; its fields are {Fields(row)}. Set 'shape' to one of {string.Join(", ", ByName.Keys)}, and map other names under 'columns'.");
    }

    private static string Fields(DataRow row)
    {
        string[] names = [.. row.Fields.EnumerateObject().Select(field => field.Name)];
        // Names are the file's header; a text in their place would be long.
        return names.Length == 0 ? "none" : string.Join(", ", names.Take(20).Select(name => name.Length <= 40 ? $"'{name}'" : $"a name of {name.Length} characters"));
    }
}
