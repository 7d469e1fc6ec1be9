using System.Text.Json.Nodes;

namespace Titer.Models.Tests.Tokenizers;

public sealed class BytePairTextTests
{
    private static readonly string[] Alphabet = [.. Enumerable.Range(0, 256).Select(b => NaiveBytePairs.Letter((byte)b))];

    [Fact]
    public void Ids_are_those_worked_out_by_hand()
    {
        using var folder = Hand();
        var tokenizer = folder.Read();

        // Ġ t h e: "t h" first, then "th e"; the space stays alone because no merge has it.
        Assert.Equal([5], tokenizer.Encode("the"));
        Assert.Equal([2, 5], tokenizer.Encode(" the"));
        Assert.Equal([4, 0], tokenizer.Encode("tht"));
        Assert.Equal("the tht", tokenizer.Decode([7, 5, 2, 4, 0, 8]));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    [InlineData("qwen2")]
    public void Byte_level_ids_agree_with_a_naive_reference_on_thousands_of_texts(string style)
    {
        Func<string, IEnumerable<string>> words = style switch { "gpt2" => NaiveWords.Gpt2, "llama3" => t => NaiveWords.Llama3(t, 3),
            _ => t => NaiveWords.Llama3(t, 1) };
        var naive = NaiveBytePairs.Learn(Alphabet, words(RandomText.Corpus).Select(NaiveBytePairs.Bytes), 60);
        using var folder = TokenizerFolder.ByteLevel(
            naive.Vocabulary, naive.Merges,
            style switch { "gpt2" => TokenizerFolder.ByteLevelStep(gpt2: true),
                "llama3" => TokenizerFolder.SplitThenByteLevel(TokenizerFolder.Llama3Pattern),
                _ => TokenizerFolder.SplitThenByteLevel(TokenizerFolder.Qwen2Pattern) },
            "<|begin|>", "<|end|>");
        var tokenizer = folder.Read();

        foreach (var text in RandomText.Many(2000, seed: 5).Append(RandomText.Corpus))
        {
            var ids = tokenizer.Encode(text);
            Assert.Equal(words(text).SelectMany(word => naive.Encode(NaiveBytePairs.Bytes(word))), ids);
            Assert.Equal(text, tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void SentencePiece_like_ids_agree_with_a_naive_reference_on_thousands_of_texts()
    {
        string[] alphabet = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"),
            .. "▁abcdefghijklmnopqrstuvwxyzATHEYI'.,!<>[]|/0123456789é".Select(c => c.ToString()), "😀"];
        static string Marked(string text) => "▁" + text.Replace(' ', '▁');
        string[] Symbols(string text) => [.. Marked(text).EnumerateRunes().SelectMany(rune => alphabet.Contains(rune.ToString())
            ? [rune.ToString()]
            : System.Text.Encoding.UTF8.GetBytes(rune.ToString()).Select(b => $"<0x{b:X2}>"))];
        var naive = NaiveBytePairs.Learn(alphabet, RandomText.Corpus.Split(' ').Select(Symbols), 60);
        // Real files have no merges of byte tokens.
        var reference = new NaiveBytePairs(naive.Vocabulary,
            [.. naive.Merges.Where(
                m => !m.Left.StartsWith("<0x", StringComparison.Ordinal) && !m.Right.StartsWith("<0x", StringComparison.Ordinal))]);
        using var folder = TokenizerFolder.SentencePieceLike(reference.Vocabulary, reference.Merges);
        var tokenizer = folder.Read();

        foreach (var text in RandomText.Many(2000, seed: 6).Append(RandomText.Corpus))
        {
            var ids = tokenizer.Encode(text);
            Assert.Equal(reference.Encode(Symbols(text)), ids);
            Assert.Equal(text.Replace('▁', ' '), tokenizer.Decode(ids));
        }

        Assert.Equal(reference.Encode(Symbols("qq"))[1..], tokenizer.EncodeContinuation("qq"));
    }

    [Fact]
    public void Merges_may_be_written_as_pairs()
    {
        using var folder = Hand();
        using var pairs = Hand(json => json["model"]!["merges"] = new JsonArray(new JsonArray("t", "h"), new JsonArray("th", "e")));

        Assert.Equal(folder.Read().Encode(" the tht"), pairs.Read().Encode(" the tht"));
    }

    [Fact]
    public void Whole_words_come_before_merges_only_where_the_file_says_so()
    {
        using var merged = Hand(json => json["model"]!["vocab"]!["hte"] = 6);
        using var whole = Hand(json => (json["model"]!["vocab"]!["hte"], json["model"]!["ignore_merges"]) = (6, true));

        Assert.Equal([1, 0, 3], merged.Read().Encode("hte"));
        Assert.Equal([6], whole.Read().Encode("hte"));
    }

    [Fact]
    public void A_space_is_put_in_front_of_a_text_but_not_of_its_continuation()
    {
        using var folder = Hand(json => json["pre_tokenizer"] = JsonNode.Parse(TokenizerFolder.ByteLevelStep(gpt2: true, addSpace: true)));
        var tokenizer = folder.Read();

        Assert.Equal([2, 5], tokenizer.Encode("the"));
        Assert.Equal([2, 5], tokenizer.Encode(" the"));
        Assert.Equal([5], tokenizer.EncodeContinuation("the"));
    }

    [Fact]
    public void A_normalizer_composes_before_anything_is_looked_up()
    {
        using var folder = Hand(json =>
        {
            json["normalizer"] = JsonNode.Parse("""{"type":"NFC"}""");
            (json["model"]!["vocab"]!["Ã"], json["model"]!["vocab"]!["©"]) = (6, 9);
        });

        Assert.Equal([6, 9], folder.Read().Encode("e\u0301"));
        Assert.Equal([6, 9], folder.Read().Encode("é"));
    }

    [Fact]
    public void An_added_word_is_found_whole_and_a_run_of_spaces_before_its_parts()
    {
        using var folder = Hand(json =>
        {
            foreach (var (word, id) in ((string, int)[])[("  ", 20), ("    ", 21),
                ("kettle", 22)]) json["added_tokens"]!.AsArray().Add(TokenizerFolder.Added(word, id, special: false));
        });
        var tokenizer = folder.Read();

        Assert.Equal([21, 20, 5, 22, 5], tokenizer.Encode("      thekettlethe"));
        Assert.Equal("    kettle", tokenizer.Decode([21, 22]));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_becomes_the_replacement_character()
    {
        using var folder =
            Hand(json => (json["model"]!["vocab"]!["ï"], json["model"]!["vocab"]!["¿"], json["model"]!["vocab"]!["½"]) = (10, 11, 12));

        Assert.Equal([0, 10, 11, 12], folder.Read().Encode("t\ud83d"));
    }

    [Fact]
    public void Both_files_of_a_real_checkpoint_give_the_same_ids()
    {
        using var json = new TokenizerFolder();
        using var model = new TokenizerFolder();
        foreach (var name in (string[])["tokenizer_config.json", "special_tokens_map.json", "generation_config.json"])
            foreach (var folder in (TokenizerFolder[])[json, model])
                File.Copy(SharedFiles.Require("stories260K-hf/" + name), Path.Combine(folder.Path, name));
        File.Copy(SharedFiles.Require("stories260K-hf/tokenizer.json"), Path.Combine(json.Path, "tokenizer.json"));
        File.Copy(SharedFiles.Require("stories260K-hf/tokenizer.model"), Path.Combine(model.Path, "tokenizer.model"));
        var (fromJson, fromModel) = (json.Read(), model.Read());

        Assert.Equal(fromModel.Control, fromJson.Control);
        foreach (var text in RandomText.Many(2000, seed: 7).Append(RandomText.Corpus))
        {
            Assert.Equal(fromModel.Encode(text), fromJson.Encode(text));
            Assert.Equal(fromModel.EncodeContinuation(text), fromJson.EncodeContinuation(text));
            Assert.Equal(fromModel.Decode(fromModel.Encode(text)), fromJson.Decode(fromJson.Encode(text)));
        }
    }

    /// <summary>t h Ġ e th the, two control tokens, and from 100 on the bytes that are not among them.</summary>
    private static TokenizerFolder Hand(Action<JsonObject>? change = null)
    {
        var json = TokenizerFolder.Json(["t", "h", "Ġ", "e", "th", "the"], [("t", "h"), ("th", "e")], null,
            TokenizerFolder.ByteLevelStep(gpt2: true), """{"type":"ByteLevel"}""");
        for (var b = 0; b < Alphabet.Length; b++)
            if (json["model"]!["vocab"]![Alphabet[b]] is null) json["model"]!["vocab"]![Alphabet[b]] = 100 + b;
        foreach (var (name, id) in ((string, int)[])[("<|begin|>", 7),
            ("<|end|>", 8)]) json["added_tokens"]!.AsArray().Add(TokenizerFolder.Added(name, id, special: true));
        change?.Invoke(json);
        return new TokenizerFolder().Write("tokenizer.json", json.ToJsonString())
            .Write("tokenizer_config.json", """{"bos_token":"<|begin|>","eos_token":"<|end|>"}""");
    }
}
