using Titer.Models.Checkpoints;

namespace Titer.Models.Tests.Tokenizers;

/// <summary>Ids of a <c>tokenizer.model</c> are SentencePiece's own.</summary>
public sealed class SentencePieceTextTests
{
    private const int First = 3;

    private static readonly (string Text, float Score, int Type)[] Pieces =
    [
        ("aa", -1, 1), ("ab", -1, 1), ("ba", -1, 1), ("aaaa", -2, 1), ("▁a", -3, 1), ("bb", -3, 1), ("abb", -4, 1), ("aab", -4, 1), ("é", -9, 1),
        ("a", -9, 1), ("b", -9, 1), ("▁", -9, 1), ("c", -9, 1),
    ];

    [Theory]
    [InlineData("aaa", "▁ aa a")]
    [InlineData("caaa", "▁ c aa a")]
    [InlineData("caaaaa", "▁ c aaaa a")]
    [InlineData("caaaaaa", "▁ c aaaa aa")]
    [InlineData("caba", "▁ c ab a")]
    [InlineData("cbab", "▁ c ba b")]
    [InlineData("cbabab", "▁ c ba ba b")]
    [InlineData("cabb", "▁ c abb")]
    public void Of_equal_scores_the_leftmost_pair_merges_first(string text, string pieces)
    {
        using var folder = SentencePieceModel.Folder(Pieces);

        Assert.Equal(pieces.Split(' ').Select(piece => First + Array.FindIndex(Pieces, p => p.Text == piece)), folder.Read().Encode(text));
    }

    [Fact]
    public void Merges_are_those_of_an_implementation_that_looks_for_the_best_pair_every_time()
    {
        using var folder = SentencePieceModel.Folder(Pieces);
        var tokenizer = folder.Read();
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => "aaabb c"[random.Next(7)]));

            Assert.Equal(Naive(("▁" + text.Replace(' ', '▁')).Select(c => c.ToString()).ToList()), tokenizer.Encode(text));
            Assert.Equal(Naive(text.Replace(' ', '▁').Select(c => c.ToString()).ToList()), tokenizer.EncodeContinuation(text));
        }
    }

    [Fact]
    public void A_very_long_run_of_one_letter_is_split_in_a_moment()
    {
        using var folder = SentencePieceModel.Folder(Pieces);

        Assert.Equal(2 + 25_000, folder.Read().Encode("c" + new string('a', 100_000)).Length);
    }

    [Fact]
    public void Characters_without_a_piece_are_bytes_or_one_unknown_piece_for_a_run()
    {
        using var bytes = SentencePieceModel.Folder(Pieces, bytes: true);
        using var unknown = SentencePieceModel.Folder(Pieces);

        Assert.Equal([0xF0 + First, 0x9F + First, 0x8D + First, 0xB5 + First], bytes.Read().EncodeContinuation("\U0001F375"));
        Assert.Equal([0, First + 9, 0], unknown.Read().EncodeContinuation("xyza\U0001F375z"));
        Assert.Equal("aé", bytes.Read().Decode(bytes.Read().EncodeContinuation("aé")));
    }

    [Fact]
    public void An_unused_piece_helps_merging_and_is_taken_apart_in_the_end()
    {
        using var folder =
            SentencePieceModel.Folder([("aa", -1, SentencePieceModel.Unused), ("aab", -2, 1), ("a", -9, 1), ("b", -9, 1), ("▁", -9, 1)]);
        var tokenizer = folder.Read();

        Assert.Equal([First + 1], tokenizer.EncodeContinuation("aab"));
        Assert.Equal([First + 2, First + 2], tokenizer.EncodeContinuation("aa"));
    }

    [Fact]
    public void Spaces_are_treated_as_the_models_normalizer_says()
    {
        using var plain = SentencePieceModel.Folder(Pieces);
        using var trimmed = SentencePieceModel.Folder(Pieces, removesExtraSpaces: true);
        using var bare = SentencePieceModel.Folder(Pieces, addsPrefix: false);
        int Id(string piece) => First + Array.FindIndex(Pieces, p => p.Text == piece);

        Assert.Equal([Id("▁"), Id("▁a"), Id("▁"), Id("▁"), Id("b")], plain.Read().Encode(" a  b"));
        Assert.Equal([Id("▁a"), Id("▁"), Id("b")], trimmed.Read().Encode("  a  b "));
        Assert.Equal([Id("b")], bare.Read().Encode("b"));
    }

    [Fact]
    public void A_model_that_rewrites_characters_is_refused_and_not_read_without_its_rules()
    {
        using var folder = SentencePieceModel.Folder(Pieces, rules: "nmt_nfkc");
        Assert.StartsWith("TITER475", Assert.Throws<CheckpointException>(folder.Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_that_were_added_beside_it_are_control_tokens_and_words_are_refused()
    {
        using var folder = SentencePieceModel.Folder(Pieces);
        folder.Write("added_tokens.json", """{"[PAD]":16,"<|turn|>":17}""")
            .Write("tokenizer_config.json", """{"bos_token":"<s>","eos_token":"</s>","pad_token":"[PAD]"}""");
        var tokenizer = folder.Read();

        Assert.Equal((16, 17, "<|turn|>"), (tokenizer.Control.Padding, tokenizer.ControlId("<|turn|>"), tokenizer.Spelling(17)));
        Assert.DoesNotContain(16, tokenizer.Encode("a [PAD] b <|turn|>"));

        folder.Write("added_tokens.json", """{"[PAD]":16,"leafpot":17}""");
        Assert.Contains("adds the word 'leafpot'", Assert.Throws<CheckpointException>(folder.Read).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Naive(List<string> symbols)
    {
        while (true)
        {
            var best = Enumerable.Range(0, Math.Max(0, symbols.Count - 1)).Where(i => Pieces.Any(p => p.Text == symbols[i] + symbols[i + 1]))
                .OrderByDescending(i => Pieces.First(p => p.Text == symbols[i] + symbols[i + 1]).Score).ThenBy(i => i).Select(i => (int?)i)
                .FirstOrDefault();
            if (best is not { } at) return symbols.Select(symbol => First + Array.FindIndex(Pieces, p => p.Text == symbol));
            symbols[at] += symbols[at + 1];
            symbols.RemoveAt(at + 1);
        }
    }
}
