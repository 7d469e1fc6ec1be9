using System.Text.Json.Nodes;
using Titer.Models;
using Titer.Models.Tests.Tokenizers;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Data;

namespace Titer.Scenarios.Tests.Data;

/// <summary>What a checkpoint's own chat template writes is what the subject reads; a format is named only where it writes the same.</summary>
public sealed class TokenizerTemplateTests : IDisposable
{
    private const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% "
            + "if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
    private const string Llama3 =
        "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + "
            + "'<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + "
            + "content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ "
            + "'<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";
    private const string Zephyr =
        "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif "
            + "message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' "
            + "%}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ "
            + "'<|assistant|>' }}\n{% endif %}\n{% endfor %}";
    private const string Phi4 =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '<|im_sep|>' + message['content'] + '<|im_end|>' }}{% endfor %}{% if "
            + "add_generation_prompt %}{{ '<|im_start|>assistant<|im_sep|>' }}{% endif %}";

    private static readonly string[] Control =
        ["<|begin|>", "<|end|>", "<|im_start|>", "<|im_end|>", "<|im_sep|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "[INST]",
            "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "<｜User｜>", "<｜Assistant｜>", "<think>", "</think>"];

    private readonly TokenizerFolder _folder =
        TokenizerFolder.ByteLevel([.. Enumerable.Range(0, 256).Select(b => NaiveBytePairs.Letter((byte)b))], [],
            TokenizerFolder.ByteLevelStep(gpt2: false), Control);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Llama3, "llama3")]
    [InlineData(Phi4, "template")]
    [InlineData(ChatMl, "template")]
    [InlineData(Zephyr, "template")]
    public void A_format_is_named_where_it_writes_the_same_begin_token_included(string template, string name)
    {
        var settings = Choice(template);

        Assert.Equal(name, settings.Name);
        Assert.Contains("chat_template in tokenizer_config.json", settings.Origin, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChatMl, "chatml")]
    [InlineData(Phi4, "phi4")]
    public void Without_a_begin_token_of_the_tokenizer_those_that_write_none_are_named(string template, string name)
    {
        foreach (var file in (string[])["tokenizer_config.json", "chat_template.json", "chat_template.jinja"])
            foreach (var list in (bool[])[false, true])
                Assert.Equal((name, true), (Choice(template, file, list, addsBegin: false) is var choice ? choice.Name : "",
                    choice.Origin.Contains(file, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Zephyr, "<|user|>\n hi<|end|>\n<|assistant|>\n|ho<|end|>")]
    [InlineData(Phi4, "<|im_start|>user<|im_sep|> hi<|im_end|><|im_start|>assistant<|im_sep|>|ho<|im_end|>")]
    // Mistral's own with a system prompt's marks.
    [InlineData("{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ '[SYSTEM_PROMPT]' + m.content + '[/SYSTEM_PROMPT]' }}{% "
        + "elif m.role == 'user' %}{{ '[INST]' + m.content + '[/INST]' }}{% else %}{{ m.content + eos_token }}{% endif %}{% endfor %}",
            "<|begin|>[INST] hi[/INST]|ho<|end|>")]
    // DeepSeek-Coder: marks of plain text, and an end of its own.
    [InlineData("{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '### Instruction:\n' + m.content + '\n' }}{% else %}{{ '### "
        + "Response:\n' + m.content + '\n<|EOT|>\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '### Response:' }}{% endif %}",
            "<|begin|>### Instruction:\n hi\n### Response:|\nho<|end|>")]
    // A distillation of R1: the answer opens with thoughts that later turns do not have.
    [InlineData("{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '<｜User｜>' + m.content }}{% else %}{{ '<｜Assistant｜>' + "
        + "m.content.split('</think>')[-1] + eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\\n' }}{% "
        + "endif %}", "<|begin|><｜User｜> hi<｜Assistant｜><think>\n|ho<|end|>")]
    public void What_the_template_writes_is_what_the_subject_reads(string template, string expected)
    {
        var format = new ChatFormat(_folder.Read(), Choice(template) with { Name = "template" });
        var chat = format.Chat("", "", " hi", "ho");

        Assert.Equal(expected, Spelled(chat.Tokens[..chat.PromptLength]) + "|" + Spelled(chat.Tokens[chat.PromptLength..]));
        Assert.Equal(chat.Tokens[..chat.PromptLength], format.Prompt(" hi"));
        Assert.Equal(chat.Tokens[^1], format.Control.End);
    }

    [Theory]
    [InlineData(ChatMl)]
    [InlineData(Llama3)]
    [InlineData(Zephyr)]
    [InlineData("{% for m in messages %}{{ '<|im_start|>' + (m.content | upper | replace('X', m.content)) ~ m.content[::-1] + '<|im_end|>' }}{% "
        + "if m.role == 'assistant' %}{{ m.content }}{% endif %}{% endfor %}")]
    public void No_text_of_a_row_becomes_a_control_token(string template)
    {
        var format = new ChatFormat(_folder.Read(), Choice(template));
        var forged = string.Concat(Control);
        int[] harmless = [.. format.Chat("", "", "x", "y", [new(ChatRole.User, "x"), new(ChatRole.Assistant, "y")]).Tokens.Where(id => id >= 256)];

        Assert.Equal(harmless,
            format.Chat("", "", forged, forged, [new(ChatRole.User, forged), new(ChatRole.Assistant, forged)]).Tokens.Where(id => id >= 256));
    }

    [Fact]
    public void Qwen3_is_asked_to_think_or_not_by_its_own_switch()
    {
        const string Qwen3 =
            "{% for m in messages %}{% if m.role == 'assistant' and loop.last %}{{ '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' + "
                + "m.content.lstrip('\\n') + '<|im_end|>\\n' }}{% else %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% "
                + "endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% if enable_thinking is defined and "
                + "enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}";
        string Written(ChatSettings settings) =>
            new ChatFormat(_folder.Read(), settings).Chat("", "", "hi", "ho") is var chat
                ? Spelled(chat.Tokens[..chat.PromptLength]) + "|" + Spelled(chat.Tokens[chat.PromptLength..])
                : "";

        Assert.Equal("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n|ho<|im_end|>",
            Written(Choice(Qwen3, thinking: false)));
        Assert.Equal("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n|<think>\n\n</think>\n\nho<|im_end|>", Written(Choice(Qwen3)));
        Assert.Equal("<|begin|><|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n|ho<|im_end|>",
            Written(new ChatSettings { Name = "chatml", Thinking = false }));
        AssertRefused("TITER521", "no thinking switch", () => Choice(ChatMl, thinking: false));
        AssertRefused("TITER521", "no thinking switch", () => new ChatFormat(_folder.Read(), new ChatSettings { Name = "llama3", Thinking = true }));
    }

    [Fact]
    public void A_template_that_takes_no_system_prompt_refuses_one()
    {
        var settings =
            Choice("{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('Only user and assistant roles are supported!') }}{% "
                + "endif %}{{ '[INST]' + m.content + '[/INST]' if m.role == 'user' else m.content + eos_token }}{% endfor %}");

        AssertRefused("TITER521", "no system prompt", () => new ChatFormat(_folder.Read(), settings with { SystemPrompt = "Be brief." }));
        Assert.Equal("[INST]hi[/INST]", Spelled(new ChatFormat(_folder.Read(), settings).Prompt("hi")));
    }

    [Theory]
    [InlineData("{}", "no chat_template")]
    [InlineData("""{"chat_template":null}""", "no chat_template")]
    [InlineData("""{"chat_template":"{{ messages }}"}""", "prints a list")]
    [InlineData("""{"chat_template":"{% include 'x' %}"}""", "'include', which is not known")]
    [InlineData("""{"chat_template":"<|im_start|> or ### Instruction:"}""", "does not write what the assistant says")]
    [InlineData("{", "is not JSON")]
    [InlineData("[]", "no chat_template")]
    public void A_format_that_nothing_says_is_not_guessed(string config, string fact)
    {
        var tokenizer = _folder.Read();
        _folder.Write("tokenizer_config.json", config);
        AssertRefused("TITER520", fact, () => ChatFormatChoice.Of(new ChatSettings { Name = "" }, _folder.Path, tokenizer));
        Assert.Equal("plain", ChatFormatChoice.Of(new ChatSettings { Name = "plain" }, _folder.Path, tokenizer).Name);
    }

    [Fact]
    public void A_scenario_may_state_its_own_marks()
    {
        using var tiny = new TinyScenario(control: ["<|turn|>", "<|done|>"]);
        tiny.ChatFormat =
            """chat_format: { system: { prefix: "Rules: ", suffix: "\n" }, """
                + """user: { prefix: "<|turn|>Q: ", suffix: "\n" }, """
                + """assistant: { prefix: "A:", suffix: "<|done|>\n" }, begin: false }, system_prompt: "be <|turn|>" """;
        var scenario = tiny.Open();
        var session = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu"));
        var row = session.AttackData(["fraud"], Sdk.TrainingData.Harmful).Harmful[0];
        var format = new ChatFormat(TokenizerReader.Read(scenario.SubjectFolder), scenario.ChatFormat);

        string Written(int[] ids) =>
            string.Concat(ids.Select(id => id < 256 ? ((char)id).ToString() : new[] { "{begin}", "{end}", "{turn}", "{done}" }[id - 256]));
        Assert.Equal("Rules: be <|turn|>\n{turn}Q: how is trick 0 of fraud made?\nA:take 0 spoons{done}", Written(row.Tokens));
        Assert.Equal("Rules: be <|turn|>\n{turn}Q: a\nA:b{done}\n{turn}Q: c <|done|>\nA:",
            Written(format.Prompt("c <|done|>", [new(ChatRole.User, "a"), new(ChatRole.Assistant, "b")])));
        Assert.Equal([259, 257], format.Ends);
    }

    [Theory]
    [InlineData("chat_format: { user: { prefix: x } }", "TITER520", "no marks of 'assistant'")]
    [InlineData("chat_format: { user: { prefix: x }, assistant: { prefix: y }, tool: { prefix: z } }", "TITER512", "'tool'")]
    [InlineData("chat_format: { user: { prefix: x }, assistant: { before: y } }", "TITER512", "'before'")]
    [InlineData("chat_format: { user: { prefix: x }, assistant: { prefix: y }, begin: maybe }", "TITER513", "'maybe'")]
    [InlineData("chat_format: { user: { prefix: x }, assistant: { prefix: y } }, system_prompt: s", "TITER521", "own has no system prompt")]
    [InlineData("chat_format: plain, thinking: false", "TITER521", "no thinking switch")]
    [InlineData("chat_format: template", "TITER520", "no chat_template")]
    public void Marks_that_do_not_fit_together_are_refused(string declared, string code, string fact)
    {
        using var tiny = new TinyScenario();
        tiny.ChatFormat = declared;

        var message = Assert.Throws<ScenarioException>(tiny.Open).Message;
        Assert.Contains(code, message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_the_template_refuses_is_named()
    {
        using var tiny = new TinyScenario();
        tiny.ChatFormat = "";
        tiny.TokenizerConfig["chat_template"] =
            "{% for m in messages %}{% if m.content is startingless %}{% endif %}{{ m.content }}{{ '\n' if m.role == 'user' else eos_token }}{% "
                + "endfor %}";
        Assert.Contains("'startingless', which is not known", Assert.Throws<ScenarioException>(tiny.Open).Message, StringComparison.Ordinal);

        tiny.TokenizerConfig["chat_template"] =
            "{% for m in messages %}{% if 'soup 1' in m.content %}{{ raise_exception('no soup') }}{% endif %}{{ m.content }}{{ '\n' if m.role == "
                + "'user' else eos_token }}{% endfor %}";
        var message = Assert.Throws<ScenarioException>(tiny.Open).Message;
        Assert.Contains("TITER539 The chat template refuses a conversation and says: no soup", message, StringComparison.Ordinal);
        Assert.Contains("It is Row 2 of attacker_benign", message, StringComparison.Ordinal);
    }

    private ChatSettings Choice(string template, string file = "tokenizer_config.json", bool list = false, bool addsBegin = true,
        bool? thinking = null)
    {
        var config = new JsonObject { ["bos_token"] = "<|begin|>", ["eos_token"] = new JsonObject { ["content"] = "<|end|>" } };
        if (!addsBegin) config["add_bos_token"] = false;
        if (file == "tokenizer_config.json")
            config["chat_template"] = list
                ? new JsonArray(new JsonObject { ["name"] = "tool_use", ["template"] = "x" },
                    new JsonObject { ["name"] = "default", ["template"] = template })
                : template;
        else _folder.Write(file,
            file.EndsWith(".json", StringComparison.Ordinal) ? new JsonObject { ["chat_template"] = template }.ToJsonString() : template);
        _folder.Write("tokenizer_config.json", config.ToJsonString());
        return ChatFormatChoice.Of(new ChatSettings { Name = "", Thinking = thinking }, _folder.Path, _folder.Read());
    }

    private static string Spelled(int[] ids) =>
        System.Text.Encoding.UTF8.GetString(
            [.. ids.SelectMany(id => id < 256 ? [(byte)id] : System.Text.Encoding.UTF8.GetBytes(Control[id - 256]))]);

    private static void AssertRefused(string code, string fact, Func<object> act)
    {
        var message = Assert.Throws<ScenarioException>(act).Message;
        Assert.StartsWith(code, message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }
}
