using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>One value of a tokenizer's JSON file with its place, so that whatever is wrong there is a coded refusal that names it.</summary>
internal readonly record struct JsonPart(string File, string Place, JsonElement Element)
{
    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    public bool IsText => Element.ValueKind == JsonValueKind.String;

    public bool IsNumber => Element.ValueKind == JsonValueKind.Number;

    public bool IsList => Element.ValueKind == JsonValueKind.Array;

    public static JsonPart Read(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(CheckpointText.Json(file));
            return new JsonPart(file, "", document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"TITER460 {file} is not JSON: {e.Message} Download it again.", e);
        }
    }

    /// <summary>The member, or null when it is absent or null.</summary>
    public JsonPart? Optional(string name) =>
        IsObject && Element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? new JsonPart(File, Inside(name), member)
            : null;

    public bool Has(string name) => IsObject && Element.TryGetProperty(name, out _);

    public JsonPart Required(string name) => Optional(name) ?? throw Malformed($"has no '{name}'");

    public string Text() => IsText ? Element.GetString()! : throw Malformed("is not a text");

    public string Text(string name) => Required(name).Text();

    public int Whole() => IsNumber && Element.TryGetInt32(out var value) ? value : throw Malformed("is not a whole number");

    public bool Flag(string name, bool absent) => Optional(name) is not { } member ? absent : member.Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw member.Malformed("is not true or false"),
    };

    public IEnumerable<JsonPart> Items()
    {
        if (!IsList) throw Malformed("is not a list");
        var (file, place) = (File, Place);
        return Element.EnumerateArray().Select((item, i) => new JsonPart(file, $"{place}[{i}]", item));
    }

    public IEnumerable<(string Name, JsonPart Value)> Members()
    {
        if (!IsObject) throw Malformed("is not an object");
        var (file, place) = (File, Place);
        return Element.EnumerateObject().Select(member => (member.Name, new JsonPart(file, $"{place}.{member.Name}", member.Value)));
    }

    /// <summary>Whether the text stands anywhere inside, as a value.</summary>
    public bool Mentions(string text) => Element.ValueKind switch
    {
        JsonValueKind.String => Element.ValueEquals(text),
        JsonValueKind.Array => Items().Any(item => item.Mentions(text)),
        JsonValueKind.Object => Members().Any(member => member.Value.Mentions(text)),
        _ => false,
    };

    public CheckpointException Malformed(string fact) =>
        new($"TITER460 {File}: {(Place.Length == 0 ? "the file" : Place)} {fact}. Download it again.");

    [DoesNotReturn]
    public T Unsupported<T>(string code, string what, string supported) =>
        throw new CheckpointException(
            $"{code} {File}: {Place} is {what}, which is not supported. Supported: {supported}. Use a checkpoint with such a tokenizer.");

    private string Inside(string name) => Place.Length == 0 ? name : $"{Place}.{name}";
}
