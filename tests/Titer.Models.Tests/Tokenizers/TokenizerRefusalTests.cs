using System.Text.Json.Nodes;
using Titer.Models.Checkpoints;
using Titer.Models.Tokenizers;

namespace Titer.Models.Tests.Tokenizers;

public sealed class TokenizerRefusalTests
{
    [Theory]
    [InlineData("model", """{"type":"Unigram","vocab":[]}""", "TITER461", "'Unigram'")]
    [InlineData("model", """{"type":"WordPiece","vocab":{}}""", "TITER461", "'WordPiece'")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>"}""", "TITER461", "end_of_word_suffix")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}""", "TITER461", "dropout")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["a b"]}""", "TITER465", "model.merges[0]")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0," a":1,"a a":2},"merges":[["a"," a"]]}""", "TITER465", "space")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["aa"]}""", "TITER460", "model.merges[0] is not a pair")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":"0"},"merges":[]}""", "TITER460", "model.vocab.a is not a whole number")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"u"}""", "TITER460", "'u'")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0}}""", "TITER460", "'merges'")]
    [InlineData("model", "null", "TITER460", "'model'")]
    [InlineData("normalizer", """{"type":"BertNormalizer"}""", "TITER462", "'BertNormalizer'")]
    [InlineData("normalizer", """{"type":"Sequence","normalizers":[{"type":"Precompiled"}]}""", "TITER462",
        "normalizer.normalizers[0] is the normalizer 'Precompiled'")]
    [InlineData("normalizer", """{"type":"Prepend"}""", "TITER460", "'prepend'")]
    [InlineData("pre_tokenizer", """{"type":"BertPreTokenizer"}""", "TITER463", "'BertPreTokenizer'")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a"},"behavior":"Contiguous"}""", "TITER463", "'Contiguous'")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[a-z&&[^b]]"},"behavior":"Isolated"}""", "TITER463", "'&&'")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a?+"},"behavior":"Isolated"}""", "TITER463", "regular expression")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\p{Han}"},"behavior":"Isolated"}""", "TITER463", "regular expression")]
    [InlineData("decoder", """{"type":"WordPiece"}""", "TITER464", "'WordPiece'")]
    [InlineData("added_tokens", """[{"id":5,"content":"word","special":false,"lstrip":true}]""", "TITER471", "'lstrip'")]
    [InlineData("added_tokens", """{"a":1}""", "TITER460", "is not a list")]
    public void What_tokenizer_json_has_and_the_host_cannot_do_is_named(string key, string value, string code, string fact)
    {
        var json = TokenizerFolder.Json(["a", "<end>"], [], null, null, null);
        json[key] = JsonNode.Parse(value);
        using var folder = new TokenizerFolder().Write("tokenizer.json", json.ToJsonString())
            .Write("tokenizer_config.json", """{"eos_token":"<end>"}""");
        AssertRefused(folder, code, fact);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("nul\0")]
    [InlineData("{\"model\":7}")]
    public void A_tokenizer_json_that_is_none_is_refused(string text)
    {
        using var folder = new TokenizerFolder().Write("tokenizer.json", text);
        AssertRefused(folder, "TITER46", "tokenizer.json");
    }

    [Fact]
    public void Every_truncation_of_a_real_tokenizer_model_is_refused_or_read()
    {
        var bytes = File.ReadAllBytes(SharedFiles.Require("stories260K-hf/tokenizer.model"));
        var refused = 0;
        for (var length = 0; length < bytes.Length; length += 97)
        {
            using var folder = new TokenizerFolder();
            File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), bytes[..length]);
            try
            {
                folder.Read();
            }
            catch (CheckpointException e)
            {
                Assert.StartsWith("TITER466", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.True(refused > 10, $"{refused} refused");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a model")]
    [InlineData("\n\0\0\0")]
    public void A_tokenizer_model_that_is_none_is_refused(string text)
    {
        using var folder = new TokenizerFolder().Write("tokenizer.model", text);
        AssertRefused(folder, "TITER466", "tokenizer.model");
    }

    [Theory]
    [InlineData("", "four control tokens")]
    [InlineData("<pad>\n<s>\n</s>\n", "four control tokens")]
    [InlineData("<s>\n<pad>\n</s>\n<unk>\nsalt\n", "four control tokens")]
    [InlineData("<pad>\n<s>\n</s>\n<unk>\nsalt\nsalt\n", "'salt' twice")]
    [InlineData("<pad>\n<s>\n</s>\n<unk>\nsalt\n\nstir\n", ":6 is not one word")]
    [InlineData("<pad>\n<s>\n</s>\n<unk>\nsea salt\n", ":5 is not one word")]
    public void A_vocabulary_of_words_that_is_not_laid_out_right_is_refused(string text, string fact)
    {
        using var folder = new TokenizerFolder().Write("vocab.txt", text);
        AssertRefused(folder, "TITER467", fact);
    }

    [Theory]
    [InlineData("tokenizer_config.json", "{}", "TITER468", "eos_token")]
    [InlineData("tokenizer_config.json", """{"eos_token":"<other>"}""", "TITER469", "'<other>'")]
    [InlineData("tokenizer_config.json", "{", "TITER460", "tokenizer_config.json")]
    [InlineData("tokenizer_config.json", """{"eos_token":7}""", "TITER460", "eos_token is not a text")]
    [InlineData("generation_config.json", """{"eos_token_id":"7"}""", "TITER460", "eos_token_id is not a whole number")]
    [InlineData("generation_config.json", """{"eos_token_id":[]}""", "TITER460", "eos_token_id is not a whole number")]
    public void Control_tokens_that_cannot_be_told_are_refused(string file, string text, string code, string fact)
    {
        using var folder = new TokenizerFolder().Write("tokenizer.json", TokenizerFolder.Json(["a", "<end>"], [], null, null, null).ToJsonString())
            .Write(file, text);
        AssertRefused(folder, code, fact);
    }

    [Theory]
    [InlineData("""{"eos_token":"<end>","bos_token":"<begin>","pad_token":"<pad>"}""", "{}", 2, 1, 3)]
    [InlineData("""{"eos_token":{"content":"<end>"},"bos_token":null,"pad_token":null}""", """{"bos_token_id":2,"pad_token_id":3}""", null, 1, 3)]
    [InlineData("""{"eos_token":"<end>","bos_token":"<begin>","add_bos_token":false}""", "{}", null, 1, 1)]
    [InlineData("""{"model_max_length":8}""", """{"bos_token_id":2,"eos_token_id":[1,3],"pad_token_id":-1}""", 2, 1, 1)]
    public void The_files_say_which_tokens_begin_end_and_pad(string config, string generation, int? begin, int end, int padding)
    {
        var json = TokenizerFolder.Json(["a", "<end>", "<begin>", "<pad>"], [], null, null, null);
        json["post_processor"] = TokenizerFolder.InFront("<begin>");
        if (config.Contains("\"bos_token\":null", StringComparison.Ordinal)) json["post_processor"] = null;
        using var folder = new TokenizerFolder().Write("tokenizer.json", json.ToJsonString())
            .Write("tokenizer_config.json", config).Write("generation_config.json", generation);

        Assert.Equal(new ControlTokens(begin, end, padding), folder.Read().Control);
    }

    [Fact]
    public void The_json_file_decides_where_there_are_several()
    {
        using var folder = new TokenizerFolder().Write("vocab.txt", "nothing").Write("tokenizer.model", "nothing")
            .Write("tokenizer.json", TokenizerFolder.Json(["a", "<end>"], [], null, null, null).ToJsonString())
            .Write("tokenizer_config.json", """{"eos_token":"<end>"}""");

        Assert.Equal([0, 0], folder.Read().Encode("aa"));
    }

    private static void AssertRefused(TokenizerFolder folder, string code, string fact)
    {
        var message = Assert.Throws<CheckpointException>(() => TokenizerReader.Read(folder.Path)).Message;
        Assert.StartsWith(code, message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }
}
