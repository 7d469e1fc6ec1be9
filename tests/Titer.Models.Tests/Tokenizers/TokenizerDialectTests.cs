using System.Text.Json.Nodes;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tests.Tokenizers;

/// <summary>What tokenizers of real checkpoints do differently is read as the reference reads it, or refused by name.</summary>
public sealed class TokenizerDialectTests
{
    private static readonly string[] Bytes = [.. Enumerable.Range(0, 256).Select(b => NaiveBytePairs.Letter((byte)b))];

    [Fact]
    public void An_added_word_that_is_normalized_is_found_with_the_space_that_the_normalizer_puts_in_front()
    {
        using var folder = TokenizerFolder.SentencePieceLike(["<unk>", "<s>", "</s>", "▁", "a", "l", "e", "f", "x"], []);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Path, "tokenizer.json")))!;
        JsonObject Word(string word, int id, bool normalized) =>
            new() { ["id"] = id, ["content"] = word, ["special"] = false, ["normalized"] = normalized };
        json["added_tokens"]!.AsArray().Add(Word("leaf", 9, normalized: true));
        json["added_tokens"]!.AsArray().Add(Word("xx", 10, normalized: false));
        folder.Write("tokenizer.json", json.ToJsonString());
        var tokenizer = folder.Read();

        // At the beginning and behind a space it is "▁leaf"; inside of a word it is not that.
        Assert.Equal([9, 3, 4, 9], tokenizer.Encode("leaf a leaf"));
        Assert.Equal([3, 4, 5, 6, 4, 7], tokenizer.Encode("aleaf"));
        Assert.Equal([3, 4, 10, 9], tokenizer.Encode("axxleaf"));
        Assert.Equal([4, 9], tokenizer.EncodeContinuation("a leaf"));
        Assert.Contains("leaf", tokenizer.Decode([4, 9]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[[:alpha:]]+|.")]
    [InlineData("[^[:space:]]+|.")]
    [InlineData(@"[a-z[\p{N}]]+|.")]
    [InlineData(@"[]\]a[b]+|.")]
    public void A_class_inside_a_class_is_refused(string pattern)
    {
        using var folder = TokenizerFolder.ByteLevel(Bytes, [], TokenizerFolder.SplitThenByteLevel(pattern), "<|begin|>", "<|end|>");

        var message = Assert.Throws<CheckpointException>(folder.Read).Message;
        Assert.StartsWith("TITER463", message, StringComparison.Ordinal);
        Assert.Contains("class inside a class", message, StringComparison.Ordinal);
    }

    [Theory]
    // The end of every line, not only of the text.
    [InlineData(@"a$|.|\n", "a\na", new[] { "a", "\n", "a" })]
    [InlineData(@"\s+$|\w+|\s", "x  \n y  ", new[] { "x", "  ", "\n", " ", "y", "  " })]
    [InlineData(@"^b|.|\n", "b\nbb", new[] { "b", "\n", "b", "b" })]
    [InlineData(@"[\[a]+|\]|b", "[a]b", new[] { "[a", "]", "b" })]
    [InlineData(@"[]a]+|b", "]ab", new[] { "]a", "b" })]
    public void Ends_of_lines_and_escaped_brackets_are_read_as_the_reference_reads_them(string pattern, string text, string[] pieces)
    {
        // Merges join all neighbours inside of a piece: a token for each piece.
        string[] words = [.. pieces.Where(p => p.Length > 1).Distinct()
            .Select(p => string.Concat(System.Text.Encoding.UTF8.GetBytes(p).Select(NaiveBytePairs.Letter)))];
        using var folder = TokenizerFolder.ByteLevel([.. Bytes, .. words], words.Select(w => (w[..1], w[1..])),
            TokenizerFolder.SplitThenByteLevel(pattern), "<|begin|>", "<|end|>");
        var tokenizer = folder.Read();

        Assert.Equal(pieces, tokenizer.Encode(text).Select(id => tokenizer.Decode([id])));
    }

    /// <summary>Gemma's: spaces become '▁' and nothing is put in front, pieces end with a space, line
    /// breaks are words, what is unknown is bytes.</summary>
    [Fact]
    public void A_tokenizer_as_Gemmas_is_read_as_the_reference_reads_it()
    {
        string[] vocabulary = ["<pad>", "<eos>", "<bos>", "<unk>", "▁", "a", "b", "ab", "▁a", "b▁", "▁▁",
            .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>")];
        var json = TokenizerFolder.Json(vocabulary, [("a", "b"), ("▁", "a"), ("b", "▁"), ("▁", "▁")],
            """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""",
            """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}""",
            """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}]}""");
        (json["model"]!["byte_fallback"], json["model"]!["unk_token"], json["model"]!["fuse_unk"]) = (true, "<unk>", true);
        json["model"]!["merges"] = new JsonArray([.. new[] { ("a", "b"), ("▁", "a"), ("b", "▁"), ("▁", "▁") }
            .Select(m => (JsonNode)new JsonArray(m.Item1, m.Item2))]);
        foreach (var (name, id) in ((string, int)[])[("<pad>", 0), ("<eos>", 1), ("<bos>", 2), ("<unk>", 3)])
            json["added_tokens"]!.AsArray().Add(TokenizerFolder.Added(name, id, special: true));
        json["added_tokens"]!.AsArray().Add(TokenizerFolder.Added("<start_of_turn>", vocabulary.Length, special: true));
        json["added_tokens"]!.AsArray().Add(TokenizerFolder.Added("<end_of_turn>", vocabulary.Length + 1, special: true));
        json["added_tokens"]!.AsArray().Add(TokenizerFolder.Added("\n\n", vocabulary.Length + 2, special: false));
        json["post_processor"] = TokenizerFolder.InFront("<bos>");
        using var folder = new TokenizerFolder().Write("tokenizer.json", json.ToJsonString())
            .Write("tokenizer_config.json",
                """{"bos_token":"<bos>","eos_token":"<eos>","pad_token":"<pad>","unk_token":"<unk>","tokenizer_class":"GemmaTokenizer"}""")
            .Write("generation_config.json", $$"""{"eos_token_id":[1,{{vocabulary.Length + 1}}]}""");
        var tokenizer = folder.Read();

        Assert.Equal([7, 8], tokenizer.Encode("ab a"));
        Assert.Equal([4, 7, vocabulary.Length + 2, 4, 8], tokenizer.Encode(" ab\n\n  a"));
        Assert.Equal([5, 11 + 0xC3, 11 + 0xA9, 11 + 0x0A], tokenizer.Encode("aé\n"));
        Assert.Equal("ab aé\n\n", tokenizer.Decode([7, 8, 11 + 0xC3, 11 + 0xA9, vocabulary.Length + 2, 1]));
        Assert.Equal((2, 1, 0), (tokenizer.Control.Begin!.Value, tokenizer.Control.End, tokenizer.Control.Padding));
        Assert.Equal([1, vocabulary.Length + 1], tokenizer.Ends);
        Assert.DoesNotContain(vocabulary.Length, tokenizer.Encode("<start_of_turn>"));
    }

    [Theory]
    [InlineData("GPT2Tokenizer", "")]
    [InlineData("Qwen2Tokenizer", "llama")]
    [InlineData(null, "gpt2")]
    [InlineData(null, "qwen3")]
    public void A_vocabulary_and_its_merges_alone_give_the_ids_of_the_whole_file(string? name, string model)
    {
        var isGpt2 = name == "GPT2Tokenizer" || model == "gpt2";
        string[] vocabulary = [.. Bytes, "th", "the", "Ġthe", "12", "<|endoftext|>"];
        (string, string)[] merges = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("1", "2")];
        using var whole = TokenizerFolder.ByteLevel(vocabulary, merges,
            isGpt2 ? TokenizerFolder.ByteLevelStep(gpt2: true) : TokenizerFolder.SplitThenByteLevel(TokenizerFolder.Qwen2Pattern), "<|im_end|>");
        using var slow = new TokenizerFolder()
            .Write("vocab.json", new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))).ToJsonString())
            .Write("merges.txt", "#version: 0.2\n" + string.Concat(merges.Select(m => $"{m.Item1} {m.Item2}\n")))
            .Write("added_tokens.json", $$"""{"<|im_end|>":{{vocabulary.Length}}}""")
            .Write("tokenizer_config.json",
                $$"""{"eos_token":"<|im_end|>","bos_token":null,"unk_token":"<|endoftext|>","tokenizer_class":{{(name is null ? "null" : $"\"{name}\"")}}}""")
            .Write("config.json", $$"""{"model_type":"{{model}}"}""");
        whole.Write("tokenizer_config.json", """{"eos_token":"<|im_end|>"}""");
        var (expected, tokenizer) = (whole.Read(), slow.Read());

        foreach (var text in (string[])["the 123 then\n\n é", "it's  the<|im_end|>", " the12"])
            Assert.Equal(expected.Encode(text), tokenizer.Encode(text));
        Assert.Equal((vocabulary.Length, (int?)null), (tokenizer.Control.End, tokenizer.Control.Begin));
        Assert.Equal("the 12", tokenizer.Decode(tokenizer.Encode("the 12")));
        Assert.Equal(vocabulary.Length - 1, tokenizer.ControlId("<|endoftext|>"));
        Assert.DoesNotContain(vocabulary.Length - 1, tokenizer.Encode("<|endoftext|>"));
    }

    [Theory]
    [InlineData("""{"eos_token":"b","tokenizer_class":"RobertaTokenizer"}""", "a b\n", "TITER418", "'RobertaTokenizer'")]
    [InlineData("""{"eos_token":"b"}""", "a b\n", "TITER418", "'absent'")]
    [InlineData("""{"eos_token":"b","tokenizer_class":"GPT2Tokenizer"}""", "a b c\n", "TITER460", "not a pair")]
    [InlineData("""{"eos_token":"b","tokenizer_class":"GPT2Tokenizer"}""", "version https://git-lfs.github.com/spec/v1\n", "TITER420", "merges.txt")]
    public void A_vocabulary_and_merges_that_cannot_be_used_are_refused_by_name(string config, string merges, string code, string fact)
    {
        using var folder = new TokenizerFolder().Write("vocab.json", """{"a":0,"b":1,"ab":2}""").Write("merges.txt", merges)
            .Write("tokenizer_config.json", config);

        var message = Assert.Throws<CheckpointException>(folder.Read).Message;
        Assert.StartsWith(code, message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }
}
