using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Titer.Models.Checkpoints;
using Titer.Models.Tokenizers;

namespace Titer.Models.Tests;

/// <summary>tokenizer.json against an independent, slow way to do the same, on files made here.</summary>
public sealed class ByteLevelTextTests : IDisposable
{
    private const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private static readonly string[] Words = ["the moon is red", "the fox sleeps under the lantern", "don't they've we'll 12345 3.14",
        "Straße über ñandú", "月が赤い", "🦊🌕 fox"];
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-bpe-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    [InlineData("qwen2")]
    [InlineData("digits")]
    public void Ids_are_those_of_an_independent_implementation_and_decode_to_the_text(string style)
    {
        var (tokenizer, naive) = Make(style);
        var random = new Random(11);
        string[] bits = [" ", "  ", "\n", "\t", "a", "fox", "the", "'s", "'LL", "7", "42", "é", "e\u0301", "ß", "月", "🦊", "<|end|>", "!", "...",
            "\r\n", "\u00a0", "Σ", "\ud83d\ude00"];
        for (var i = 0; i < 3000; i++)
        {
            var text = i < Words.Length
                ? Words[i]
                : string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => bits[random.Next(bits.Length)]));
            var ids = tokenizer.Encode(text);

            Assert.Equal(naive.Encode(text), ids);
            Assert.Equal(naive.Normal(text), tokenizer.Decode(ids));
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    public void Text_that_spells_a_control_token_stays_text(string style)
    {
        var (tokenizer, naive) = Make(style);
        var control = naive.Added.Values.ToHashSet();
        foreach (var token in naive.Added.Keys)
        {
            foreach (var text in new[] { token, $"x{token}", $" {token} ", $"{token}{token}", $"the{token}\nfox" })
            {
                Assert.DoesNotContain(tokenizer.Encode(text), control.Contains);
                Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
            }
        }
    }

    [Fact]
    public void Control_tokens_are_those_of_the_tokenizers_configuration()
    {
        var (llama, naive) = Make("llama3");
        Assert.Equal(new ControlTokens(naive.Added["<|begin|>"], naive.Added["<|end|>"], naive.Added["<|end|>"]), llama.Control);

        var (gpt2, other) = Make("gpt2");
        Assert.Equal(new ControlTokens(null, other.Added["<|end|>"], other.Added["<|pad|>"]), gpt2.Control);
        Assert.Equal("the fox", gpt2.Decode([gpt2.Control.End, .. gpt2.Encode("the fox"), gpt2.Control.Padding]));
    }

    [Theory]
    [InlineData("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "TITER461", "'Unigram'")]
    [InlineData("\"type\": \"ByteLevel\"", "\"type\": \"BertPreTokenizer\"", "TITER463", "'BertPreTokenizer'")]
    [InlineData("\"normalizer\": null", "\"normalizer\": {\"type\": \"Lowercase\"}", "TITER462", "'Lowercase'")]
    [InlineData("\"vocab\"", "\"vocabulary\"", "TITER460", "tokenizer.json")]
    [InlineData("\"A\":", "\"AAA\":", "TITER472", "lacks byte 65")]
    [InlineData("{", "[", "TITER460", "tokenizer.json")]
    public void What_is_not_supported_or_broken_is_named(string good, string bad, string code, string named)
    {
        Make("gpt2");
        var path = Path.Combine(_folder, "tokenizer.json");
        File.WriteAllText(path, new Regex(Regex.Escape(good)).Replace(File.ReadAllText(path), bad, 1));

        var fault = Assert.Throws<CheckpointException>(() => TokenizerReader.Read(_folder));

        Assert.StartsWith(code, fault.Message, StringComparison.Ordinal);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "TITER468")]
    [InlineData("{}", "TITER468")]
    [InlineData("{\"eos_token\": \"<|nowhere|>\"}", "TITER469")]
    [InlineData("[", "TITER460")]
    public void A_missing_end_token_is_named(string? configuration, string code)
    {
        Make("gpt2");
        var path = Path.Combine(_folder, "tokenizer_config.json");
        File.Delete(path);
        if (configuration is not null) File.WriteAllText(path, configuration);

        Assert.StartsWith(code, Assert.Throws<CheckpointException>(() => TokenizerReader.Read(_folder)).Message, StringComparison.Ordinal);
    }

    private (ITextTokenizer Tokenizer, NaiveBpe Naive) Make(string style)
    {
        var naive = new NaiveBpe(style is "gpt2" or "digits" ? Gpt2Pattern : Llama3Pattern, ignoresMerges: style == "llama3",
            digits: style == "digits", composes: style == "qwen2");
        naive.Train(Words, merges: 60);
        object split = new { type = "Split", pattern = new { Regex = Llama3Pattern }, behavior = "Isolated", invert = false };
        object byteLevel = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = style is "gpt2" or "digits" };
        object preTokenizer = style switch
        {
            "gpt2" => byteLevel,
            "digits" => new { type = "Sequence", pretokenizers = new[] { new { type = "Digits", individual_digits = true }, byteLevel } },
            _ => new { type = "Sequence", pretokenizers = new[] { split, byteLevel } },
        };
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), JsonSerializer.Serialize(new
        {
            version = "1.0",
            added_tokens = naive.Added.Select(a => new { id = a.Value, content = a.Key, special = true }),
            normalizer = style == "qwen2" ? new { type = "NFC" } : null,
            pre_tokenizer = preTokenizer,
            post_processor = style == "llama3"
                ? new { type = "TemplateProcessing",
                    single = new object[] { new { SpecialToken = new { id = "<|begin|>", type_id = 0 } },
                        new { Sequence = new { id = "A", type_id = 0 } } } }
                : null,
            model = new { type = "BPE", ignore_merges = style == "llama3", vocab = naive.Vocabulary,
                merges = style == "qwen2" ? (object)naive.Merges.Select(m => m.Split(' ')) : naive.Merges },
        }, Readable));
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), style == "llama3"
            ? """{"bos_token": "<|begin|>", "eos_token": {"content": "<|end|>"}}"""
            : """{"bos_token": "<|begin|>", "eos_token": "<|end|>", "pad_token": "<|pad|>", "add_bos_token": false}""");
        return (TokenizerReader.Read(_folder), naive);
    }

    /// <summary>As in Sennrich's paper: merge the earliest learned pair until none is left. Slow, and written apart from the product.</summary>
    private sealed class NaiveBpe(string pattern, bool ignoresMerges, bool digits, bool composes)
    {
        private readonly Regex _split = new(pattern);

        public Dictionary<string, int> Vocabulary { get; } = [];

        public List<string> Merges { get; } = [];

        public Dictionary<string, int> Added { get; } = [];

        public void Train(string[] texts, int merges)
        {
            for (var b = 0; b < 256; b++) Vocabulary.Add(Symbol((byte)b).ToString(), Vocabulary.Count);
            var words = texts.SelectMany(Pieces).Select(w => w.ToList()).ToList();
            for (var m = 0; m < merges; m++)
            {
                var best = words.SelectMany(w => w.Zip(w.Skip(1))).GroupBy(p => p).Where(g => !Vocabulary.ContainsKey(g.Key.First + g.Key.Second))
                    .MaxBy(g => (g.Count(), g.Key.First, g.Key.Second));
                if (best is null) break;
                Merges.Add($"{best.Key.First} {best.Key.Second}");
                Vocabulary.Add(best.Key.First + best.Key.Second, Vocabulary.Count);
                foreach (var word in words) Join(word, best.Key.First, best.Key.Second);
            }

            // A whole word that no merge leads to: only ignore_merges finds it.
            Vocabulary.TryAdd("lantern", Vocabulary.Count);
            foreach (var token in new[] { "<|begin|>", "<|end|>", "<|pad|>" }) Added.Add(token, Vocabulary.Count + Added.Count);
            if (ignoresMerges) Vocabulary.Add("<|end|>", Added["<|end|>"]);
        }

        public string Normal(string text) => composes ? text.Replace("e\u0301", "é", StringComparison.Ordinal) : text;

        public int[] Encode(string text) => [.. Pieces(Normal(text)).SelectMany(symbols =>
        {
            var whole = string.Concat(symbols);
            if (ignoresMerges && Vocabulary.TryGetValue(whole, out var id) && !Added.ContainsValue(id)) return [id];
            var word = symbols.ToList();
            while (word.Zip(word.Skip(1)).Select(p => Merges.IndexOf($"{p.First} {p.Second}")).Where(r => r >= 0).DefaultIfEmpty(-1).Min() is >= 0
                and var rank)
                Join(word, Merges[rank].Split(' ')[0], Merges[rank].Split(' ')[1]);
            return word.Select(s => Vocabulary[s]).ToArray();
        })];

        private IEnumerable<string[]> Pieces(string text)
        {
            IEnumerable<string> parts = digits ? Regex.Split(text, @"(\p{N})").Where(p => p.Length > 0) : [text];
            return parts.SelectMany(p => _split.Matches(p).Select(m => m.Value))
                .Select(p => Encoding.UTF8.GetBytes(p).Select(b => Symbol(b).ToString()).ToArray());
        }

        private static void Join(List<string> word, string first, string second)
        {
            for (var i = 0; i + 1 < word.Count; i++)
            {
                if (word[i] != first || word[i + 1] != second) continue;
                word[i] = first + second;
                word.RemoveAt(i + 1);
            }
        }

        private static char Symbol(byte b)
        {
            if (b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174) return (char)b;
            return (char)(256 + Enumerable.Range(0, b).Count(o => !((o is >= 33 and <= 126) || (o is >= 161 and <= 172) || o >= 174)));
        }
    }
}
