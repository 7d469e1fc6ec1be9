using System.Text.Json.Nodes;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// <c>vocab.json</c> and <c>merges.txt</c> as Transformers' slow tokenizers of GPT-2 and Qwen2 save them, put
/// together to what <c>tokenizer.json</c> would have. How a
/// text is split is a matter of the class there, and of nothing in these files: other classes are refused by name.
/// </summary>
internal static class SlowTokenizerFiles
{
    public const string Vocabulary = "vocab.json";
    public const string Merges = "merges.txt";
    private const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <exception cref="CheckpointException">The class is not known, or a file is malformed.</exception>
    public static JsonPart Read(string folder)
    {
        var vocabulary = JsonPart.Read(Path.Combine(folder, Vocabulary));
        var config = Path.Combine(folder, "tokenizer_config.json");
        var settings = File.Exists(config) ? JsonPart.Read(config) : (JsonPart?)null;
        var (normalizer, splitter) = Splitting(folder, settings);
        var merges = Path.Combine(folder, Merges);
        CheckpointText.RequireContent(merges);
        var root = new JsonObject
        {
            ["added_tokens"] = Added(folder, settings, vocabulary),
            ["normalizer"] = normalizer,
            ["pre_tokenizer"] = splitter,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = JsonNode.Parse(vocabulary.Element.GetRawText()),
                ["merges"] = new JsonArray([.. File.ReadLines(merges)
                    .Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal)).Select(line => (JsonNode)line)]),
            },
        };
        using var document = System.Text.Json.JsonDocument.Parse(root.ToJsonString());
        return new JsonPart(merges, "", document.RootElement.Clone());
    }

    private static (JsonNode? Normalizer, JsonNode Splitter) Splitting(string folder, JsonPart? settings)
    {
        var name = settings?.Optional("tokenizer_class") is { IsText: true } named ? named.Text() : OfModel(folder);
        var addsSpace = settings?.Flag("add_prefix_space", false) ?? false;
        JsonObject ByteLevel(bool splits) => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = addsSpace, ["use_regex"] = splits };
        return name switch
        {
            "GPT2Tokenizer" or "GPT2TokenizerFast" => (null, ByteLevel(splits: true)),
            "Qwen2Tokenizer" or "Qwen2TokenizerFast" => (new JsonObject { ["type"] = "NFC" }, new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Qwen2Pattern }, ["behavior"] = "Isolated",
                        ["invert"] = false },
                    ByteLevel(splits: false)),
            }),
            _ => throw new CheckpointException(
                $"TITER418 {folder} has {Vocabulary} and {Merges} of the tokenizer class '{name}' (tokenizer_config.json), whose way to split "
                    + "texts is not known. Known: GPT2Tokenizer, Qwen2Tokenizer. Add the checkpoint's tokenizer.json: "
                    + "AutoTokenizer.from_pretrained(folder, use_fast=True).save_pretrained(folder) in Python."),
        };
    }

    /// <summary>The class that Transformers takes for a kind of model whose tokenizer names none.</summary>
    private static string OfModel(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        var type = File.Exists(path) && JsonPart.Read(path).Optional("model_type") is { IsText: true } named ? named.Text() : "";
        return type switch
        {
            "gpt2" => "GPT2Tokenizer",
            "qwen2" or "qwen3" => "Qwen2Tokenizer",
            _ => "absent",
        };
    }

    private static JsonArray Added(string folder, JsonPart? settings, JsonPart vocabulary)
    {
        var tokens = new SortedDictionary<int, JsonObject>();
        var path = Path.Combine(folder, AddedTokens.FileName);
        if (File.Exists(path))
            foreach (var (content, id) in JsonPart.Read(path)
                .Members()) tokens[id.Whole()] = Token(id.Whole(), content, special: false, normalized: false);
        if (settings?.Optional("added_tokens_decoder") is { } decoder)
        {
            foreach (var (id, token) in decoder.Members())
            {
                if (!int.TryParse(id, System.Globalization.CultureInfo.InvariantCulture, out var number))
                    throw token.Malformed("is not under the number of a token");
                tokens[number] = Token(number, token.Text("content"), token.Flag("special", false), token.Flag("normalized", false));
                foreach (var flag in (string[])["lstrip", "rstrip", "single_word"]) tokens[number][flag] = token.Flag(flag, false);
            }
        }

        foreach (var role in (string[])["bos_token", "eos_token", "unk_token", "pad_token"])
            if (settings?.Optional(role) is { } named && (named.IsObject ? named.Text("content") : named.Text()) is var content
                && vocabulary.Optional(content) is { } id)
                tokens[id.Whole()] = Token(id.Whole(), content, special: true, normalized: false);
        return new JsonArray([.. tokens.Values]);
    }

    private static JsonObject Token(int id, string content, bool special, bool normalized) =>
        new() { ["id"] = id, ["content"] = content, ["special"] = special, ["normalized"] = normalized };
}
