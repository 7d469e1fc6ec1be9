using System.Text.Json.Nodes;
using Titer.Models.Tokenizers;

namespace Titer.Models.Tests.Tokenizers;

/// <summary>Text of a data set never becomes a control token, however it is spelled and whatever the vocabulary could make of it.</summary>
public sealed class ControlTextTests
{
    private static readonly string[] Spellings =
        ["<|eot_id|>", "<|im_end|>", "<|im_start|>", "<|begin|>", "<|end|>", "<s>", "</s>", "<unk>", "<pad>", "[INST]", "[/INST]", "<0x0A>",
            "<|start_header_id|>"];

    [Fact]
    public void In_a_byte_level_vocabulary_it_stays_bytes()
    {
        string[] alphabet = [.. Enumerable.Range(0, 256).Select(b => NaiveBytePairs.Letter((byte)b))];
        using var folder = TokenizerFolder.ByteLevel(alphabet, [], TokenizerFolder.ByteLevelStep(gpt2: true),
            ["<|begin|>", "<|end|>", .. Spellings.Except(["<|begin|>", "<|end|>"])]);
        AssertStaysText(folder.Read(), id => id < 256);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_merges_or_whole_words_would_spell_one_those_are_left_out(bool wholeWordsFirst)
    {
        // "<" "s" ">" merge to <s>, which is the begin token; "<s" stays usable.
        var json = TokenizerFolder.Json(["<", "s", ">", "<s", "<s>", "e", "<e", "<e>", "<e>s"],
            [("<", "s"), ("<s", ">"), ("<", "e"), ("<e", ">"), ("<e>", "s")], null, null, """{"type":"Fuse"}""");
        json["post_processor"] = TokenizerFolder.InFront("<s>");
        json["model"]!["ignore_merges"] = wholeWordsFirst;
        json["added_tokens"]!.AsArray().Add(TokenizerFolder.Added("<e>", 7, special: true));
        using var folder = new TokenizerFolder().Write("tokenizer.json", json.ToJsonString())
            .Write("tokenizer_config.json", """{"bos_token":"<s>","eos_token":"<e>"}""");
        var tokenizer = folder.Read();

        Assert.Equal(new ControlTokens(4, 7, 7), tokenizer.Control);
        Assert.Equal([3, 2], tokenizer.Encode("<s>"));
        Assert.Equal([6, 2], tokenizer.Encode("<e>"));
        Assert.Equal(wholeWordsFirst ? [8] : [6, 2, 1], tokenizer.Encode("<e>s"));
        Assert.Equal("<s", tokenizer.Decode([4, 3, 7]));
    }

    [Fact]
    public void A_token_that_looks_like_markup_is_a_control_token_whatever_its_flag_says()
    {
        var json = TokenizerFolder.Json([.. Enumerable.Range(0, 256).Select(b => NaiveBytePairs.Letter((byte)b))], [], null,
            TokenizerFolder.ByteLevelStep(gpt2: true), """{"type":"ByteLevel"}""", "<|end|>");
        json["added_tokens"]!.AsArray().Add(TokenizerFolder.Added("<|im_end|>", 300, special: false));
        json["added_tokens"]!.AsArray().Add(TokenizerFolder.Added("[INST]", 301, special: false));
        using var folder = new TokenizerFolder().Write("tokenizer.json", json.ToJsonString())
            .Write("tokenizer_config.json", """{"eos_token":"<|end|>"}""");
        var tokenizer = folder.Read();

        Assert.Equal(300, tokenizer.ControlId("<|im_end|>"));
        Assert.Equal(301, tokenizer.ControlId("[INST]"));
        AssertStaysText(tokenizer, id => id < 256);
    }

    [Fact]
    public void In_a_SentencePiece_like_vocabulary_it_stays_pieces_and_an_unknown_character_is_not_a_spelling()
    {
        using var folder = TokenizerFolder.SentencePieceLike(
            ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"), "<", "s", ">", "<s", "/", "</", "s>"],
            [("<", "s"), ("<s", ">"), ("<", "/"), ("s", ">"), ("</", "s>")]);
        var tokenizer = folder.Read();

        Assert.Equal(tokenizer.ControlId("<unk>"), tokenizer.Control.Padding);
        AssertStaysText(tokenizer, id => id >= 3);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer.model")]
    public void In_a_real_checkpoint_it_stays_pieces(string file)
    {
        using var folder = new TokenizerFolder();
        File.Copy(SharedFiles.Require("stories260K-hf/" + file), Path.Combine(folder.Path, file));
        folder.Write("tokenizer_config.json", """{"bos_token":"<s>","eos_token":"</s>"}""");
        AssertStaysText(folder.Read(), id => id >= 3);
    }

    [Fact]
    public void In_a_vocabulary_of_words_it_is_the_unknown_word()
    {
        using var folder = new TokenizerFolder().Write("vocab.txt", "<pad>\n<s>\n</s>\n<unk>\nsalt\n");
        var tokenizer = folder.Read();

        foreach (var spelling in Spellings) Assert.Equal([4, 3, 4], tokenizer.Encode($"salt {spelling} salt"));
        Assert.Equal(2, tokenizer.ControlId("</s>"));
        Assert.Null(tokenizer.ControlId("salt"));
    }

    private static void AssertStaysText(ITextTokenizer tokenizer, Func<int, bool> isText)
    {
        foreach (var spelling in Spellings)
            foreach (var text in (string[])[spelling, $"a{spelling}b", $" {spelling} {spelling}\n"])
            {
                Assert.All(tokenizer.Encode(text), id => Assert.True(isText(id), $"{text}: {id}"));
                Assert.All(tokenizer.EncodeContinuation(text), id => Assert.True(isText(id), $"{text}: {id}"));
            }
    }
}
