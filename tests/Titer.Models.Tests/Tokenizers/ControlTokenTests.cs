using System.Text.Json.Nodes;
using Titer.Models.Checkpoints;
using Titer.Models.Tokenizers;

namespace Titer.Models.Tests.Tokenizers;

/// <summary>Begin, end and padding tokens as the reference has them, and only ids that the embedding has rows for.</summary>
public sealed class ControlTokenTests
{
    private static readonly string[] Vocabulary = ["a", "<end>", "<begin>", "<pad>", "<turn>"];

    [Theory]
    // No post-processor and no setting: nothing adds a begin token, whatever it is called.
    [InlineData("null", """{"bos_token":"<begin>","eos_token":"<end>"}""", null)]
    [InlineData("""{"type":"ByteLevel","trim_offsets":true}""", """{"bos_token":"<begin>","eos_token":"<end>"}""", null)]
    // Named among its special tokens, and put behind a text: not in front.
    [InlineData("""{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<begin>","type_id":0}}],"special_tokens":{"<begin>":{"id":"<begin>","ids":[2],"tokens":["<begin>"]}}}""", """{"bos_token":"<begin>","eos_token":"<end>"}""", null)]
    [InlineData("""{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<begin>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]}]}""", """{"eos_token":"<end>"}""", 2)]
    [InlineData("""{"type":"RobertaProcessing","cls":["<begin>",2],"sep":["<end>",1]}""", """{"bos_token":"<begin>","eos_token":"<end>"}""", 2)]
    // Settings win over the post-processor; Llama's own class puts one there unless it is told not to.
    [InlineData("null", """{"bos_token":"<begin>","eos_token":"<end>","add_bos_token":true}""", 2)]
    [InlineData("""{"type":"RobertaProcessing","cls":["<begin>",2],"sep":["<end>",1]}""",
        """{"bos_token":"<begin>","eos_token":"<end>","add_bos_token":false}""", null)]
    [InlineData("null", """{"bos_token":"<begin>","eos_token":"<end>","tokenizer_class":"LlamaTokenizerFast"}""", 2)]
    [InlineData("null", """{"bos_token":"<begin>","eos_token":"<end>","tokenizer_class":"GPT2Tokenizer"}""", null)]
    public void A_begin_token_is_there_only_where_the_reference_puts_one(string postProcessor, string config, int? begin)
    {
        using var folder = Folder(config, postProcessor);

        Assert.Equal(begin, folder.Read().Control.Begin);
    }

    [Fact]
    public void A_post_processor_that_puts_two_tokens_in_front_is_refused()
    {
        using var folder = Folder("""{"eos_token":"<end>"}""",
            """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<begin>","type_id":0}},{"SpecialToken":{"id":"<turn>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]}""");

        Assert.StartsWith("TITER474", Assert.Throws<CheckpointException>(folder.Read).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"eos_token_id":[1,4]}""", """{"eos_token_id":1}""", new[] { 1, 4 })]
    [InlineData("{}", """{"eos_token_id":[4,3]}""", new[] { 1, 4, 3 })]
    [InlineData("""{"eos_token_id":4}""", """{"eos_token_id":[3]}""", new[] { 1, 4 })]
    [InlineData("""{"eos_token_id":[4,900,-1]}""", """{"vocab_size":5}""", new[] { 1, 4 })]
    public void Every_end_token_of_the_generation_settings_ends_an_answer(string generation, string config, int[] ends)
    {
        using var folder = Folder("""{"eos_token":"<end>"}""").Write("generation_config.json", generation).Write("config.json", config);

        Assert.Equal(ends, folder.Read().Ends);
        Assert.Equal(1, folder.Read().Control.End);
    }

    [Theory]
    [InlineData("""{"eos_token":"<end>","pad_token":"[PAD]"}""", 5, 1)]
    [InlineData("""{"eos_token":"<end>","pad_token":"[PAD]"}""", 6, 5)]
    [InlineData("""{"eos_token":"<end>"}""", 3, 1)]
    public void A_padding_token_without_a_row_of_the_embedding_gives_way_to_one_that_has(string config, int rows, int padding)
    {
        using var folder = Folder(config).Write("config.json", $$"""{"vocab_size":{{rows}},"pad_token_id":3}""");

        Assert.Equal(padding, folder.Read().Control.Padding);
    }

    [Theory]
    [InlineData("""{"eos_token":"[PAD]"}""", "the end token '[PAD]' has the id 5")]
    [InlineData("""{"eos_token":"<end>","bos_token":"[PAD]","add_bos_token":true}""", "the begin token '[PAD]' has the id 5")]
    public void A_begin_or_end_token_without_a_row_of_the_embedding_is_refused_by_name(string config, string fact)
    {
        using var folder = Folder(config).Write("config.json", """{"vocab_size":5}""");

        var message = Assert.Throws<CheckpointException>(folder.Read).Message;
        Assert.StartsWith("TITER473", message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
        Assert.Contains("Resize", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generation_ends_at_whichever_end_token_comes_first()
    {
        using var model = Tiny.Model();
        int[] prompt = [1, 5, 9];
        var free = Generation.TextGenerator.Greedy(model, [prompt], 12, endId: -1, padId: 0)[0];
        // Two different tokens of what it says: the answer stops before the earlier one.
        var (first, later) = (free[0], free.First(token => token != free[0]));
        var until = Array.IndexOf(free, later);

        Assert.Empty(Generation.TextGenerator.Greedy(model, [prompt], 12, [later, first], padId: 0)[0]);
        Assert.Equal(free[..until], Generation.TextGenerator.Greedy(model, [prompt], 12, [later, 39], padId: 0)[0].Take(until));
    }

    private static TokenizerFolder Folder(string config, string postProcessor = "null")
    {
        var json = TokenizerFolder.Json(Vocabulary, [], null, null, null, "[PAD]");
        json["post_processor"] = JsonNode.Parse(postProcessor);
        return new TokenizerFolder().Write("tokenizer.json", json.ToJsonString()).Write("tokenizer_config.json", config);
    }
}
