using System.Text.Json.Nodes;
using Titer.Models.Tests.Tokenizers;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Data;

namespace Titer.Scenarios.Tests.Data;

public sealed class ChatFormatTests : IDisposable
{
    private static readonly string[] Bytes = [.. Enumerable.Range(0, 256).Select(b => NaiveBytePairs.Letter((byte)b))];
    private static readonly string[] Control =
        ["<|begin|>", "<|end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|im_start|>", "<|im_end|>", "[INST]", "[/INST]",
            "<|im_sep|>", "<｜User｜>", "<｜Assistant｜>", "<|user|>", "<|assistant|>", "<|system|>", "<start_of_turn>", "<end_of_turn>"];

    private readonly TokenizerFolder _folder = TokenizerFolder.ByteLevel(Bytes, [], TokenizerFolder.ByteLevelStep(gpt2: false), Control);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plain", "<|begin|>Be brief.\nhi\n|ho<|end|>")]
    [InlineData("llama2", "<|begin|>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nhi [/INST]| ho <|end|>")]
    [InlineData("llama3",
        "<|begin|><|start_header_id|>system<|end_header_id|>\n\nBe "
            + "brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n|ho<|eot_id|>")]
    [InlineData("chatml", "<|begin|><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n|ho<|im_end|>")]
    [InlineData("mistral", "<|begin|>[INST]Be brief.\n\nhi[/INST]|ho<|end|>")]
    [InlineData("alpaca", "<|begin|>Be brief.\n\n### Instruction:\nhi\n\n### Response:|ho<|end|>")]
    [InlineData("phi4",
        "<|begin|><|im_start|>system<|im_sep|>Be "
            + "brief.<|im_end|><|im_start|>user<|im_sep|>hi<|im_end|><|im_start|>assistant<|im_sep|>|ho<|im_end|>")]
    [InlineData("phi3", "<|begin|><|system|>\nBe brief.<|end|>\n<|user|>\nhi<|end|>\n<|assistant|>\n|ho<|end|>")]
    [InlineData("gemma",
        "<|begin|><start_of_turn>user\nBe brief.\n\nhi<end_of_turn>\n<start_of_turn>model\n|ho<end_of_turn>")]
    [InlineData("vicuna", "<|begin|>Be brief. USER: hi ASSISTANT:| ho<|end|>")]
    [InlineData("zephyr", "<|begin|><|system|>\nBe brief.<|end|>\n<|user|>\nhi<|end|>\n<|assistant|>\n|ho<|end|>")]
    [InlineData("tulu", "<|begin|><|system|>\nBe brief.\n<|user|>\nhi\n<|assistant|>\n|ho<|end|>")]
    [InlineData("deepseek_r1", "<|begin|>Be brief.<｜User｜>hi<｜Assistant｜>|ho<|end|>")]
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
    [InlineData("llama3",
        "<|begin|><|start_header_id|>user<|end_header_id|>\n\na<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nb<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nc<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n|d<|eot_id|>")]
    [InlineData("chatml",
        "<|begin|><|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n|d<|im_end|>")]
    [InlineData("mistral", "<|begin|>[INST]a[/INST]b<|end|>[INST]c[/INST]|d<|end|>")]
    [InlineData("alpaca",
        "<|begin|>Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### "
            + "Instruction:\na\n\n### Response:b<|end|>### Instruction:\nc\n\n### Response:|d<|end|>")]
    [InlineData("apothecary", "<|begin|>user a assistantb<|end|>user c assistant|d<|end|>")]
    [InlineData("phi4",
        "<|begin|><|im_start|>user<|im_sep|>a<|im_end|><|im_start|>assistant<|im_sep|>b<|im_end|><|im_start|>user<|im_sep|>c<|im_end|><|im_start|>assistant<|im_sep|>|d<|im_end|>")]
    [InlineData("phi3", "<|begin|><|user|>\na<|end|>\n<|assistant|>\nb<|end|>\n<|user|>\nc<|end|>\n<|assistant|>\n|d<|end|>")]
    [InlineData("gemma",
        "<|begin|><start_of_turn>user\na<end_of_turn>\n<start_of_turn>model\nb<end_of_turn>\n<start_of_turn>user\nc<end_of_turn>\n"
            + "<start_of_turn>model\n|d<end_of_turn>")]
    [InlineData("vicuna",
        "<|begin|>A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite "
            + "answers to the user's questions. USER: a ASSISTANT: b<|end|>USER: c ASSISTANT:| d<|end|>")]
    [InlineData("zephyr", "<|begin|><|user|>\na<|end|>\n<|assistant|>\nb<|end|>\n<|user|>\nc<|end|>\n<|assistant|>\n|d<|end|>")]
    [InlineData("tulu", "<|begin|><|user|>\na\n<|assistant|>\nb<|end|>\n<|user|>\nc\n<|assistant|>\n|d<|end|>")]
    [InlineData("deepseek_r1", "<|begin|><｜User｜>a<｜Assistant｜>b<|end|><｜User｜>c<｜Assistant｜>|d<|end|>")]
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
    [InlineData("phi4")]
    [InlineData("phi3")]
    [InlineData("gemma")]
    [InlineData("vicuna")]
    [InlineData("zephyr")]
    [InlineData("tulu")]
    [InlineData("deepseek_r1")]
    public void No_text_forges_a_control_token_in_any_format(string name)
    {
        var format = new ChatFormat(_folder.Read(), name);
        var forged = string.Concat(Control);
        int[] harmless = [.. format.Chat("", "", "x", "y", [new(ChatRole.User, "x"), new(ChatRole.Assistant, "y")]).Tokens.Where(id => id >= 256)];

        Assert.Equal(harmless,
            format.Chat("", "", forged, forged, [new(ChatRole.User, forged), new(ChatRole.Assistant, forged)]).Tokens.Where(id => id >= 256));
    }

    /// <summary>Phi-3's marks take the line break behind them, whatever wrote it, and the spaces that an answer begins with.</summary>
    [Fact]
    public void A_control_token_that_swallows_white_space_takes_it_from_the_text_behind_and_before_it()
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.Path, "tokenizer.json")))!;
        foreach (var token in json["added_tokens"]!.AsArray())
            if ((string)token!["content"]! is "<|user|>" or "<|assistant|>" or "<|end|>") token["rstrip"] = true;
        json["added_tokens"]!.AsArray().First(t => (string)t!["content"]! == "<|system|>")!["lstrip"] = true;
        _folder.Write("tokenizer.json", json.ToJsonString());
        var format = new ChatFormat(_folder.Read(), "phi3");

        var chat = format.Chat("", "", " hi ", "\n ho", [new(ChatRole.User, "a"), new(ChatRole.Assistant, " b")]);

        Assert.Equal("<|begin|><|user|>a<|end|><|assistant|>b<|end|><|user|>hi <|end|><|assistant|>|ho<|end|>",
            Spelled(chat.Tokens[..chat.PromptLength]) + "|" + Spelled(chat.Tokens[chat.PromptLength..]));
        Assert.Equal("<|begin|><|system|>\nx<|end|><|user|>hi<|end|><|assistant|>",
            Spelled(new ChatFormat(_folder.Read(), "phi3", "x").Prompt("hi")));
        Assert.Equal((true, false), _folder.Read().SwallowsAround(_folder.Read().ControlId("<|system|>")!.Value));
    }

    [Fact]
    public void An_instruction_with_an_input_has_Alpacas_other_prompt_and_in_every_other_format_both_are_one_text()
    {
        string Written(string name, string? system) => Spelled(new ChatFormat(_folder.Read(), name, system).Prompt("sum it up", input: "a tale"));

        Assert.Equal(
            "<|begin|>Below is an instruction that describes a task, paired with an input that provides further context. Write a response that "
                + "appropriately completes the request.\n\n### Instruction:\nsum it up\n\n### Input:\na tale\n\n### Response:",
            Written("alpaca", null));
        Assert.Equal("<|begin|>Be brief.\n\n### Instruction:\nsum it up\n\n### Input:\na tale\n\n### Response:", Written("alpaca", "Be brief."));
        Assert.Equal("<|begin|>sum it up\n\na tale\n", Written("plain", null));
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

        AssertRefused("TITER520", "plain, llama2", () => new ChatFormat(bytes, "wizard"));
        AssertRefused("TITER521", "plain, llama2", () => new ChatFormat(bytes, "apothecary", "Be brief."));
        AssertRefused("TITER521", "apothecary", () => new ChatFormat(bytes, "apothecary").Prompt("hi", [new(ChatRole.System, "Be brief.")]));
        AssertRefused("TITER522", "<|im_start|> <|im_end|>", () => new ChatFormat(bare.Read(), "chatml"));
        AssertRefused("TITER523", "alternate", () => new ChatFormat(bytes, "chatml").Prompt("hi", [new(ChatRole.User, "a")]));
    }

    private static string Spelled(int[] ids) => string.Concat(ids.Select(id => id < 256 ? ((char)id).ToString() : Control[id - 256]));

    private static void AssertRefused(string code, string fact, Func<object> act)
    {
        var message = Assert.Throws<ScenarioException>(act).Message;
        Assert.StartsWith(code, message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }
}
