using System.Text.Json;
using System.Text.RegularExpressions;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// What of a Hugging Face <c>tokenizer.json</c> a byte-level BPE tokenizer needs (GPT-2, Llama 3, Qwen, SmolLM). Everything else is refused by name:
/// a tokenizer that is nearly right is worse than none.
/// </summary>
internal sealed record TokenizerJson
{
    /// <summary>GPT-2's own splitting, which <c>ByteLevel</c> does unless told otherwise.</summary>
    private const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public required IReadOnlyDictionary<string, int> Vocabulary { get; init; }

    public required IReadOnlyList<string> Merges { get; init; }

    /// <summary>A piece that is a token as a whole is not merged.</summary>
    public required bool IgnoresMerges { get; init; }

    /// <summary>Tokens beside the vocabulary by text; text of data never becomes one.</summary>
    public required IReadOnlyDictionary<string, int> Added { get; init; }

    public required bool ComposesUnicode { get; init; }

    public required bool AddsPrefixSpace { get; init; }

    /// <summary>Applied one after the other: what matches, and what lies between matches, are pieces.</summary>
    public required IReadOnlyList<Regex> Splits { get; init; }

    /// <summary>Every text in the post-processor: among them the control tokens that it puts around a text.</summary>
    public required IReadOnlySet<string> PostProcessorTexts { get; init; }

    /// <exception cref="CheckpointException">Not such a file, or of a kind that is not supported.</exception>
    public static TokenizerJson Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Of(path, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new CheckpointException($"TITER460 {path} is not a tokenizer: {e.Message}", e);
        }
    }

    private static TokenizerJson Of(string path, JsonElement root)
    {
        var model = root.GetProperty("model");
        if (Text(model, "type") is var type && type is not (null or "BPE")) throw Refused(path, "model", type);
        var splits = new List<Regex>();
        var prefix = false;
        var isByteLevel = false;
        foreach (var step in Steps(root, "pre_tokenizer", "pretokenizers"))
        {
            switch (Text(step, "type"))
            {
                case "ByteLevel":
                    isByteLevel = true;
                    prefix |= Flag(step, "add_prefix_space", false);
                    if (Flag(step, "use_regex", true)) splits.Add(Compiled(Gpt2Pattern));
                    break;
                case "Split" when step.GetProperty("pattern").TryGetProperty("Regex", out var pattern) && Text(step, "behavior") == "Isolated" && !Flag(step, "invert", false):
                    splits.Add(Compiled(pattern.GetString()!));
                    break;
                case "Digits":
                    splits.Add(Compiled(Flag(step, "individual_digits", false) ? @"\p{N}" : @"\p{N}+"));
                    break;
                case var other:
                    throw Refused(path, "pre_tokenizer", other);
            }
        }

        if (!isByteLevel) throw Refused(path, "pre_tokenizer", "one without ByteLevel (SentencePiece in disguise: add its tokenizer.model)");
        var composes = false;
        foreach (var step in Steps(root, "normalizer", "normalizers"))
            composes |= Text(step, "type") == "NFC" ? true : throw Refused(path, "normalizer", Text(step, "type"));
        return new TokenizerJson
        {
            Vocabulary = model.GetProperty("vocab").EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetInt32(), StringComparer.Ordinal),
            Merges = [.. model.GetProperty("merges").EnumerateArray().Select(m => m.ValueKind == JsonValueKind.String ? m.GetString()! : $"{m[0].GetString()} {m[1].GetString()}")],
            IgnoresMerges = Flag(model, "ignore_merges", false),
            Added = root.TryGetProperty("added_tokens", out var added) && added.ValueKind == JsonValueKind.Array
                ? added.EnumerateArray().ToDictionary(a => Text(a, "content")!, a => a.GetProperty("id").GetInt32(), StringComparer.Ordinal)
                : new Dictionary<string, int>(),
            ComposesUnicode = composes,
            AddsPrefixSpace = prefix,
            Splits = splits,
            PostProcessorTexts = root.TryGetProperty("post_processor", out var post) ? Texts(post).ToHashSet(StringComparer.Ordinal) : new HashSet<string>(),
        };
    }

    /// <summary>A step, or the steps of a sequence; none where the key is null.</summary>
    private static JsonElement[] Steps(JsonElement root, string key, string inner)
    {
        if (!root.TryGetProperty(key, out var step) || step.ValueKind == JsonValueKind.Null) return [];
        return Text(step, "type") == "Sequence" ? [.. step.GetProperty(inner).EnumerateArray()] : [step];
    }

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Texts(p.Value).Prepend(p.Name)),
        _ => [],
    };

    private static string? Text(JsonElement element, string key) => element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement element, string key, bool otherwise) => element.TryGetProperty(key, out var value) ? value.ValueKind == JsonValueKind.True : otherwise;

    // The file is somebody else's: a pattern must not run for ever on a text.
    private static Regex Compiled(string pattern) => new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));

    private static CheckpointException Refused(string path, string what, string? type) =>
        new($"TITER461 {path}: a {what} of type '{type}' is not supported. Byte-level BPE is (ByteLevel, Split by a regular expression, Digits, NFC); for SentencePiece models add their tokenizer.model.");
}
