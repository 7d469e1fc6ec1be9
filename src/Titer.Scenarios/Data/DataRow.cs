using System.Text.Json;

namespace Titer.Scenarios.Data;

/// <summary>One row of a data file. Its refusals name fields, types and lengths and never repeat the row's text, which may be harmful.</summary>
/// <param name="Number">Counts from 1, without a header.</param>
/// <param name="Line">Where the row begins, in formats that have lines.</param>
/// <param name="Fields">A JSON object, whatever the format is.</param>
public sealed record DataRow(string File, long Number, long? Line, JsonElement Fields)
{
    /// <summary>The names of the fields are a line of the file that may be none of names.</summary>
    public bool IsOfHeader { get; init; }

    public bool Has(string field) => Fields.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null;

    public bool HasList(string field) => Fields.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Array;

    public JsonElement Required(string field) =>
        Has(field) ? Fields.GetProperty(field) : throw Problem("TITER526", $"has no field '{field}'. Map it under 'columns', or correct the row.");

    public string Text(string field) => Text(Required(field), field);

    /// <summary>Absent, null and empty are the same.</summary>
    public string? OptionalText(string field) => Has(field) && Text(field) is { Length: > 0 } text ? text : null;

    public string Text(JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Problem("TITER526", $"has a {Named(value)} in the field '{place}', not a text. Correct the row, or map the right column.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Problem("TITER526",
                $"has a text in the field '{place}' with half of a surrogate pair or bytes that are not UTF-8. Correct the row.");
        }
    }

    public IEnumerable<JsonElement> List(JsonElement value, string place) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray()
        : throw Problem("TITER526", $"has a {Named(value)} in the field '{place}', not a list. Correct the row, or map the right column.");

    public JsonElement Member(JsonElement value, string place, string member) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member, out var found)
        ? found
        : throw Problem("TITER526", $"has no '{member}' in '{place}'. Correct the row, or declare another shape.");

    public ScenarioException Problem(string code, string fact) => At(File, Number, Line, code, fact);

    internal static ScenarioException At(string file, long row, long? line, string code, string fact, Exception? inner = null) =>
        new($"{file}: {code} Row {row}{(line is null ? "" : $" (line {line})")} {fact}", inner);

    private static string Named(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => $"list of {value.GetArrayLength()}",
        JsonValueKind.Object => "mapping",
        JsonValueKind.String => $"text of {value.GetRawText().Length - 2} characters",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
