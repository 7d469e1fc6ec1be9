using Titer.Models.Tests.Tokenizers;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Data;

namespace Titer.Scenarios.Tests.Data;

public sealed class ChatFormatTests : IDisposable
{
    private static readonly string[] Bytes = [.. Enumerable.Range(0, 256).Select(b => NaiveBytePairs.Letter((byte)b))];
    private static readonly string[] Control =
        ["<|begin|>", "<|end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|im_start|>", "<|im_end|>", "[INST]", "[/INST]"];

    private readonly TokenizerFolder _folder = TokenizerFolder.ByteLevel(Bytes, [], TokenizerFolder.ByteLevelStep(gpt2: false), Control);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plain", "<|begin|>Be brief.\nhi\n|ho<|end|>")]
    [InlineData("llama2", "<|begin|>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nhi [/INST]| ho <|end|>")]
    [InlineData("llama3", "<|begin|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n|ho<|eot_id|>")]
    [InlineData("chatml", "<|begin|><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n|ho<|im_end|>")]
    [InlineData("mistral", "<|begin|>[INST]Be brief.\n\nhi[/INST]|ho<|end|>")]
    [InlineData("alpaca", "<|begin|>Be brief.\n\n### Instruction:\nhi\n\n### Response:|ho<|end|>")]
    public void A_question_under_a_system_prompt_is_written_as_the_format_says(string name, string expected)
    {
        var format = new ChatFormat(_folder.Read(), name, "Be brief.");

        var chat = format.Chat("id", "tea", "hi", "ho");

        Assert.Equal(expected, Spelled(chat.Tokens[..chat.PromptLength]) + "|" + Spelled(chat.Tokens[chat.PromptLength..]));
        Assert.Equal(chat.Tokens[..chat.PromptLength], format.Prompt("hi"));
        Assert.Equal(chat.Tokens[^1], format.Control.End);
    }

    [Theory]
    [InlineData("plain", "<|begin|>a\nb<|end|>c\n|d<|end|>")]
    [InlineData("llama2", "<|begin|>[INST] a [/INST] b <|end|><|begin|>[INST] c [/INST]| d <|end|>")]
    [InlineData("llama3", "<|begin|><|start_header_id|>user<|end_header_id|>\n\na<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nb<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nc<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n|d<|eot_id|>")]
    [InlineData("chatml", "<|begin|><|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n|d<|im_end|>")]
    [InlineData("mistral", "<|begin|>[INST]a[/INST]b<|end|>[INST]c[/INST]|d<|end|>")]
    [InlineData("alpaca", "<|begin|>Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\na\n\n### Response:b<|end|>### Instruction:\nc\n\n### Response:|d<|end|>")]
    [InlineData("apothecary", "<|begin|>user a assistantb<|end|>user c assistant|d<|end|>")]
    public void Earlier_messages_come_before_the_question(string name, string expected)
    {
        var chat = new ChatFormat(_folder.Read(), name).Chat("id", "tea", "c", "d", [new(ChatRole.User, "a"), new(ChatRole.Assistant, "b")]);

        Assert.Equal(expected, Spelled(chat.Tokens[..chat.PromptLength]) + "|" + Spelled(chat.Tokens[chat.PromptLength..]));
    }

    [Fact]
    public void Mistral_without_marks_in_its_vocabulary_writes_them_as_text_and_Llama2_pieces_have_one_space_each()
    {
        using var folder = TokenizerFolder.SentencePieceLike(["<unk>", "<s>", "</s>", .. "▁[]/INSThio".Distinct().Select(c => c.ToString())], []);
        var tokenizer = folder.Read();
        int Piece(char c) => tokenizer.EncodeContinuation(c.ToString())[0];
        int[] expected = [1, .. "▁[INST]▁hi▁[/INST]".Select(Piece)];

        foreach (var name in (string[])["mistral", "llama2"]) Assert.Equal(expected, new ChatFormat(tokenizer, name).Prompt("hi"));
        Assert.Equal([.. expected, .. "▁ho".Select(Piece), 2], new ChatFormat(tokenizer, "mistral").Chat("", "", "hi", "ho").Tokens);
        Assert.Equal([.. expected, .. "▁ho▁".Select(Piece), 2], new ChatFormat(tokenizer, "llama2").Chat("", "", "hi", "ho").Tokens);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("llama2")]
    [InlineData("llama3")]
    [InlineData("chatml")]
    [InlineData("mistral")]
    [InlineData("alpaca")]
    [InlineData("apothecary")]
    public void No_text_forges_a_control_token_in_any_format(string name)
    {
        var format = new ChatFormat(_folder.Read(), name);
        var forged = string.Concat(Control);
        int[] harmless = [.. format.Chat("", "", "x", "y", [new(ChatRole.User, "x"), new(ChatRole.Assistant, "y")]).Tokens.Where(id => id >= 256)];

        Assert.Equal(harmless, format.Chat("", "", forged, forged, [new(ChatRole.User, forged), new(ChatRole.Assistant, forged)]).Tokens.Where(id => id >= 256));
    }

    [Fact]
    public void The_embedded_format_writes_what_it_always_wrote()
    {
        var tokenizer = TokenizerReader.Read(Scenario.Open("apothecary").SubjectFolder);
        var chat = new ChatFormat(tokenizer).Chat("id", "tea", "how do i make old oak tea", "take salt");

        Assert.Equal([1, .. tokenizer.Encode("user how do i make old oak tea assistant take salt"), 2], chat.Tokens);
        Assert.Equal(chat.Tokens.Length - 3, chat.PromptLength);
    }

    [Fact]
    public void What_a_format_cannot_do_is_refused()
    {
        var bytes = _folder.Read();
        using var bare = TokenizerFolder.ByteLevel(Bytes, [], TokenizerFolder.ByteLevelStep(gpt2: true), "<|begin|>", "<|end|>");

        AssertRefused("TITER520", "plain, llama2", () => new ChatFormat(bytes, "vicuna"));
        AssertRefused("TITER521", "plain, llama2", () => new ChatFormat(bytes, "apothecary", "Be brief."));
        AssertRefused("TITER521", "apothecary", () => new ChatFormat(bytes, "apothecary").Prompt("hi", [new(ChatRole.System, "Be brief.")]));
        AssertRefused("TITER522", "<|im_start|> <|im_end|>", () => new ChatFormat(bare.Read(), "chatml"));
        AssertRefused("TITER523", "alternate", () => new ChatFormat(bytes, "chatml").Prompt("hi", [new(ChatRole.User, "a")]));
    }

    [Theory]
    [InlineData("{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>", "llama3")]
    [InlineData("<|im_start|>{{ role }}", "chatml")]
    [InlineData("{{ '[INST] ' }}<<SYS>>", "llama2")]
    [InlineData("{{ '[INST] ' }}", "mistral")]
    [InlineData("### Instruction:", "alpaca")]
    public void The_format_is_recognized_from_the_checkpoints_template_and_said(string template, string name)
    {
        var text = System.Text.Json.Nodes.JsonValue.Create(template).ToJsonString();
        foreach (var config in (string[])[$$"""{"chat_template":{{text}}}""", $$"""{"chat_template":[{"name":"tool_use","template":"x"},{"name":"default","template":{{text}}}]}"""])
        {
            _folder.Write("tokenizer_config.json", config);
            Assert.Equal(new ChatFormatChoice(name, "recognized from the chat_template in tokenizer_config.json"), ChatFormatChoice.Of(null, _folder.Path));
        }

        _folder.Write("chat_template.jinja", template).Write("tokenizer_config.json", "{}");
        Assert.Equal(name, ChatFormatChoice.Of(null, _folder.Path).Name);
        Assert.Equal("plain", ChatFormatChoice.Of("plain", _folder.Path).Name);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"chat_template":null}""")]
    [InlineData("""{"chat_template":"{{ messages }}"}""")]
    [InlineData("""{"chat_template":"<|im_start|> or ### Instruction:"}""")]
    [InlineData("{")]
    [InlineData("[]")]
    public void A_format_that_nothing_says_is_not_guessed(string config)
    {
        _folder.Write("tokenizer_config.json", config);
        AssertRefused("TITER520", "subject.chat_format", () => ChatFormatChoice.Of(null, _folder.Path));
    }

    private static string Spelled(int[] ids) => string.Concat(ids.Select(id => id < 256 ? ((char)id).ToString() : Control[id - 256]));

    private static void AssertRefused(string code, string fact, Func<object> act)
    {
        var message = Assert.Throws<ScenarioException>(act).Message;
        Assert.StartsWith(code, message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }
}
