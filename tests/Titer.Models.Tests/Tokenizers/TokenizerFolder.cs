using System.Text.Json.Nodes;
using Titer.Models.Tokenizers;

namespace Titer.Models.Tests.Tokenizers;

/// <summary>A checkpoint folder with nothing but a made-up tokenizer.</summary>
internal sealed class TokenizerFolder : IDisposable
{
    public const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    public const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public string Path { get; } = Directory.CreateTempSubdirectory("titer-tokenizer-").FullName;

    public TokenizerFolder Write(string name, string text)
    {
        File.WriteAllText(System.IO.Path.Combine(Path, name), text);
        return this;
    }

    public ITextTokenizer Read() => TokenizerReader.Read(Path);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>A byte-level tokenizer; control tokens get the ids after the vocabulary.</summary>
    public static TokenizerFolder ByteLevel(IReadOnlyList<string> vocabulary, IEnumerable<(string, string)> merges, string preTokenizer,
        params string[] control)
    {
        var folder = new TokenizerFolder();
        var json = Json(vocabulary, merges, null, preTokenizer, """{"type":"ByteLevel"}""", control);
        if (control.Contains("<|begin|>")) json["post_processor"] = InFront("<|begin|>");
        return folder.Write("tokenizer.json", json.ToJsonString())
            .Write("tokenizer_config.json", """{"bos_token":"<|begin|>","eos_token":{"content":"<|end|>"}}""");
    }

    /// <summary>A SentencePiece-like tokenizer as of Llama 2; the vocabulary begins with the three control tokens.</summary>
    public static TokenizerFolder SentencePieceLike(IReadOnlyList<string> vocabulary, IEnumerable<(string, string)> merges)
    {
        var json = Json(
            vocabulary, merges,
            """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""",
            null,
            """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}""");
        foreach (var (name, id) in ((string, int)[])[("<unk>", 0), ("<s>", 1),
            ("</s>", 2)]) json["added_tokens"]!.AsArray().Add(Added(name, id, special: true));
        (json["model"]!["byte_fallback"], json["model"]!["unk_token"], json["model"]!["fuse_unk"]) = (true, "<unk>", true);
        json["post_processor"] = InFront("<s>");
        return new TokenizerFolder().Write("tokenizer.json", json.ToJsonString())
            .Write("tokenizer_config.json", """{"bos_token":"<s>","eos_token":"</s>","unk_token":"<unk>","pad_token":null}""");
    }

    public static JsonObject Json(
        IReadOnlyList<string> vocabulary, IEnumerable<(string Left, string Right)> merges, string? normalizer, string? preTokenizer, string? decoder,
        params string[] control) => new()
    {
        ["added_tokens"] = new JsonArray([.. control.Select((name, i) => (JsonNode)Added(name, vocabulary.Count + i, special: true))]),
        ["normalizer"] = normalizer is null ? null : JsonNode.Parse(normalizer),
        ["pre_tokenizer"] = preTokenizer is null ? null : JsonNode.Parse(preTokenizer),
        ["decoder"] = decoder is null ? null : JsonNode.Parse(decoder),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["vocab"] = new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. merges.Select(m => (JsonNode)$"{m.Left} {m.Right}")]),
        },
    };

    /// <summary>A post-processor that puts a token before every text.</summary>
    public static JsonObject InFront(string token) => new()
    {
        ["type"] = "TemplateProcessing",
        ["single"] = new JsonArray(
            new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } },
            new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }),
    };

    public static JsonObject Added(string content, int id, bool special) => new()
    {
        ["id"] = id, ["content"] = content, ["special"] = special, ["normalized"] = false, ["lstrip"] = false, ["rstrip"] = false,
        ["single_word"] = false,
    };

    public static string ByteLevelStep(bool gpt2, bool addSpace = false) =>
        $$"""{"type":"ByteLevel","add_prefix_space":{{(addSpace ? "true" : "false")}},"trim_offsets":true,"use_regex":{{(gpt2 ? "true" : "false")}}}""";

    public static string SplitThenByteLevel(string pattern) => new JsonObject
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated",
                ["invert"] = false },
            JsonNode.Parse(ByteLevelStep(gpt2: false))),
    }.ToJsonString();
}
