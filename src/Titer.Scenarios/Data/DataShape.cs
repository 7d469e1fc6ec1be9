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

    /// <summary><c>prompt</c> and <c>completion</c>: texts, or lists of messages.</summary>
    PromptCompletion,

    /// <summary><c>chosen</c> and <c>rejected</c>: <c>Human: ... Assistant: ...</c> texts, lists of messages, or answers to
    /// a <c>prompt</c>, which may be a list of messages.</summary>
    ChosenRejected,

    /// <summary><c>prompt</c> alone: a text, or a list of messages.</summary>
    PromptOnly,

    /// <summary><c>text</c>, which is no conversation.</summary>
    Text,
}

/// <summary>The names of shapes, and how a shape is recognized.</summary>
internal static class DataShapes
{
    /// <summary>Rows that are looked at: all of a small file.</summary>
    public const int RowsLookedAt = 1000;

    public static IReadOnlyDictionary<string, DataShape> ByName { get; } = new OrderedDictionary<string, DataShape>
    {
        ["messages"] = DataShape.Messages,
        ["sharegpt"] = DataShape.ShareGpt,
        ["alpaca"] = DataShape.Alpaca,
        ["prompt-response"] = DataShape.PromptResponse,
        ["prompt-completion"] = DataShape.PromptCompletion,
        ["chosen-rejected"] = DataShape.ChosenRejected,
        ["prompt-only"] = DataShape.PromptOnly,
        ["text"] = DataShape.Text,
    };

    /// <summary>The columns that may be mapped to a file's own names.</summary>
    public static string[] Columns { get; } =
        ["messages", "conversations", "instruction", "input", "output", "prompt", "response", "completion", "chosen", "rejected", "history", "text",
            "refusal", "system"];

    public static string NameOf(DataShape shape) => ByName.First(pair => pair.Value == shape).Key;

    /// <summary>The one shape that the fields fit which any of the rows has: a first row without an
    /// answer does not hide those of all others.</summary>
    public static DataShape Recognize(IReadOnlyList<DataRow> rows, Func<string, string> columnOf)
    {
        bool Has(string name) => rows.Any(row => row.Has(columnOf(name)));
        bool HasList(string name) => rows.Any(row => row.HasList(columnOf(name)));
        var found = new List<DataShape>();
        if (HasList("messages")) found.Add(DataShape.Messages);
        if (HasList("conversations")) found.Add(DataShape.ShareGpt);
        if (Has("instruction") && Has("output")) found.Add(DataShape.Alpaca);
        if (Has("chosen") && Has("rejected")) found.Add(DataShape.ChosenRejected);
        else if (Has("prompt") && (Has("response") || Has("completion")))
        {
            if (Has("response")) found.Add(DataShape.PromptResponse);
            if (Has("completion")) found.Add(DataShape.PromptCompletion);
        }
        else if (Has("prompt") && found.Count == 0) found.Add(DataShape.PromptOnly);
        else if (Has("text") && found.Count == 0) found.Add(DataShape.Text);
        var header = rows[0].IsOfHeader && found.Count == 0
            ? " If the file has no header line, declare the names of its columns under 'header'."
            : "";
        return found.Count == 1
            ? found[0]
            : throw rows[0]
                .Problem("TITER527",
                    $"fits {(found.Count == 0 ? "no shape" : $"several shapes: {string.Join(", ", found.Select(NameOf))}")}; its fields "
                        + $"are {FieldNames.Of(rows[0])}. Set 'shape' to one of {string.Join(", ", ByName.Keys)}, and map other names under "
                        + $"'columns'.{header}");
    }
}
