using System.Text;
using System.Text.Json;
using Titer.Files;

namespace Titer.Plugins.Metadata;

/// <summary>
/// Reads <c>fidelity.json</c>: a stranger's file, so its size, its depth, its texts and their number are bounded, and keys that it may not have are
/// refused. No reflection: the reader knows its keys.
/// </summary>
internal static class FidelityFile
{
    private const long MostBytes = 64 << 10;
    private const int MostDepth = 4;
    private const int MostEntries = 40;
    private const int MostCharacters = 1000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MostDepth, AllowDuplicateProperties = false };

    /// <summary>What the folder's file says; a problem where it cannot be used; neither where there is none.</summary>
    public static (PluginFidelity? Fidelity, PluginProblem? Problem) Read(string id, string folder)
    {
        var path = Path.Combine(folder, PluginFidelity.FileName);
        if (RegularFile.KindOf(path) == EntryKind.Missing) return (null, null);
        try
        {
            ReadOnlyMemory<byte> bytes = RegularFile.ReadAllBytes(path, MostBytes);
            // Editors put a mark before UTF-8, and the parser takes it for a letter.
            if (bytes.Span.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
            using var document = JsonDocument.Parse(bytes, Strict);
            return (Of(document.RootElement), null);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return (null, new PluginProblem(PluginProblemCode.BadFidelity,
                $"The {PluginFidelity.FileName} of '{id}' cannot be used: {e.Message.TrimEnd('.')}.",
                "Correct it, or remove it; the plugin plays without it, and its card is empty.", ProblemSeverity.Advice));
        }
    }

    private static PluginFidelity Of(JsonElement root)
    {
        var keys = KeysOf(root, "the file",
            ["paper", "same", "differs", "reference_check", "published_strength", "made_against", "published", "here", "evidence", "verdict"]);
        return new PluginFidelity
        {
            Paper = Text(keys, "paper"),
            Same = [.. Entries(keys, "same").Select(e => Text(e, "same"))],
            Differs = [.. Entries(keys, "differs").Select(e => Text(e, "differs"))],
            ReferenceCheck = Text(keys, "reference_check"),
            PublishedStrength = Text(keys, "published_strength"),
            MadeAgainst = [.. Entries(keys, "made_against").Select(e => Text(e, "made_against"))],
            Published = [.. Entries(keys, "published").Select(e => Figure(e, "published"))],
            Here = [.. Entries(keys, "here").Select(e => Figure(e, "here"))],
            Evidence = Word(keys, "evidence", PluginFidelity.EvidenceKinds),
            Verdict = Word(keys, "verdict", PluginFidelity.Verdicts),
        };
    }

    private static FidelityFigure Figure(JsonElement element, string list)
    {
        var keys = KeysOf(element, $"an entry of '{list}'", ["what", "value", "source"]);
        return new FidelityFigure(Text(keys, "what"), Text(keys, "value"), Text(keys, "source"));
    }

    private static Dictionary<string, JsonElement> KeysOf(JsonElement element, string where, string[] known)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"{where} is no object");
        var keys = element.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        return keys.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown
            ? throw new InvalidDataException($"{where} has the key '{unknown}', which is none of {string.Join(", ", known)}")
            : keys;
    }

    private static JsonElement[] Entries(Dictionary<string, JsonElement> keys, string key)
    {
        if (!keys.TryGetValue(key, out var list)) return [];
        if (list.ValueKind != JsonValueKind.Array) throw new InvalidDataException($"'{key}' is no list");
        return list.GetArrayLength() <= MostEntries ? [.. list.EnumerateArray()]
            : throw new InvalidDataException($"'{key}' has more than {MostEntries} entries");
    }

    private static string Text(Dictionary<string, JsonElement> keys, string key) => keys.TryGetValue(key, out var value) ? Text(value, key) : "";

    private static string Text(JsonElement value, string key) => value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: <= MostCharacters } text
        ? VisibleText.OnOneLine(text)
        : throw new InvalidDataException($"a value of '{key}' is no text of at most {MostCharacters} characters");

    private static string Word(Dictionary<string, JsonElement> keys, string key, IReadOnlyList<string> known) =>
        Text(keys, key) is var word && known.Contains(word) ? word
            : throw new InvalidDataException($"'{key}' is none of {string.Join(", ", known)}");
}
