namespace Titer.Scenarios.Data;

/// <summary>A question as a template sees it.</summary>
/// <param name="System">Only with the first question.</param>
/// <param name="Input">What the question is about, where a row has it apart.</param>
internal readonly record struct UserTurn(string Text, string? System, bool IsFirst, string? Input = null)
{
    /// <summary>As one text, for formats that have no place of its own for the input.</summary>
    public string Question => Input is null ? Text : $"{Text}\n\n{Input}";
}

/// <summary>
/// One way to write a conversation. Roles that a format marks with control tokens cannot be forged by a text; formats that mark them with text
/// (plain, llama2, alpaca, vicuna, apothecary, and others where the vocabulary has no such tokens) cannot tell such a text from their own marks.
/// </summary>
/// <param name="Required">Control tokens that the vocabulary must have.</param>
/// <param name="End">What ends an answer; null for the tokenizer's own end token.</param>
/// <param name="User">Writes a question, up to where the answer begins.</param>
internal sealed record ChatTemplate(string Name, string[] Required, string? End, bool HasSystem, Action<ChatWriter, UserTurn> User,
    Action<ChatWriter, string> Answer)
{
    public const string Apothecary = "apothecary";

    /// <summary>What Vicuna was trained under.</summary>
    private const string VicunaSystem =
        "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to "
            + "the user's questions.";

    public static IReadOnlyList<ChatTemplate> All { get; } =
    [
        new("plain", [], null, HasSystem: true, Plain, Text),
        new("llama2", [], null, HasSystem: true, Llama2, (writer, text) => writer.Text($" {text.Trim()} ")),
        new("llama3", ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"], "<|eot_id|>", HasSystem: true, Llama3,
            (writer, text) => writer.Text(text.Trim())),
        new("chatml", ["<|im_start|>", "<|im_end|>"], "<|im_end|>", HasSystem: true, (writer, turn) => Messages(writer, turn, "\n", "\n"), Text),
        new("phi4", ["<|im_start|>", "<|im_sep|>", "<|im_end|>"], "<|im_end|>", HasSystem: true,
            (writer, turn) => Messages(writer, turn, "<|im_sep|>", ""), Text),
        new("phi3", ["<|user|>", "<|assistant|>", "<|end|>"], "<|end|>", HasSystem: true, Phi3, Text),
        new("gemma", ["<start_of_turn>", "<end_of_turn>"], "<end_of_turn>", HasSystem: true, Gemma, (writer, text) => writer.Text(text.Trim())),
        new("mistral", [], null, HasSystem: true, Mistral, MistralAnswer),
        new("alpaca", [], null, HasSystem: true, Alpaca, Text),
        new("vicuna", [], null, HasSystem: true, Vicuna, (writer, text) => writer.Text($" {text}")),
        new("zephyr", [], null, HasSystem: true, Zephyr, Text),
        new("tulu", [], null, HasSystem: true, Tulu, Text),
        new("deepseek_r1", ["<｜User｜>", "<｜Assistant｜>"], null, HasSystem: true, DeepSeek, Text),
        new(Apothecary, [], null, HasSystem: false, (writer, turn) =>
        {
            if (turn.IsFirst) writer.Begin();
            writer.Text($"user {turn.Question} assistant");
        }, Text),
    ];

    public static string Names => string.Join(", ", All.Select(template => template.Name));

    private static void Text(ChatWriter writer, string text) => writer.Text(text);

    private static void Plain(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        writer.Text($"{(turn.System is null ? "" : turn.System + "\n")}{turn.Question}\n");
    }

    /// <summary>Touvron and others (2023), Llama 2: every exchange is a sequence of its own.</summary>
    private static void Llama2(ChatWriter writer, UserTurn turn)
    {
        writer.Begin();
        writer.Text($"[INST] {(turn.System is null ? "" : $"<<SYS>>\n{turn.System.Trim()}\n<</SYS>>\n\n")}{turn.Question.Trim()} [/INST]");
    }

    private static void Llama3(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        if (turn.System is not null) Message("system", turn.System);
        Message("user", turn.Question);
        Header("assistant");

        void Message(string role, string text)
        {
            Header(role);
            writer.Text(text.Trim());
            writer.Control("<|eot_id|>");
        }

        void Header(string role)
        {
            writer.Control("<|start_header_id|>");
            writer.Text(role);
            writer.Control("<|end_header_id|>");
            writer.Text("\n\n");
        }
    }

    /// <summary>ChatML and its relatives. No default system prompt is added, which the templates of some checkpoints do.</summary>
    /// <param name="behindRole">What separates a role from its text.</param>
    /// <param name="behindMessage">What stands behind the end of a message.</param>
    private static void Messages(ChatWriter writer, UserTurn turn, string behindRole, string behindMessage)
    {
        if (turn.IsFirst) writer.Begin();
        else writer.Text(behindMessage);
        if (turn.System is not null) Message("system", turn.System);
        Message("user", turn.Question);
        Header("assistant");

        void Message(string role, string text)
        {
            Header(role);
            writer.Text(text);
            writer.Control("<|im_end|>");
            writer.Text(behindMessage);
        }

        void Header(string role)
        {
            writer.Control("<|im_start|>");
            writer.Text(role);
            writer.Marked(behindRole);
        }
    }

    /// <summary>Abdin and others (2024), Phi-3.</summary>
    private static void Phi3(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        else writer.Text("\n");
        if (turn.System is not null) Message("<|system|>\n", turn.System);
        Message("<|user|>\n", turn.Question);
        writer.Marked("<|assistant|>\n");

        void Message(string mark, string text)
        {
            writer.Marked(mark);
            writer.Text(text);
            writer.Control("<|end|>");
            writer.Text("\n");
        }
    }

    /// <summary>Gemma Team (2024, 2025), Gemma 2 and 3. A system prompt, which it has no role for, stands before the first question.</summary>
    private static void Gemma(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        else writer.Text("\n");
        writer.Control("<start_of_turn>");
        writer.Text($"user\n{(turn.System is null ? "" : turn.System + "\n\n")}{turn.Question.Trim()}");
        writer.Control("<end_of_turn>");
        writer.Text("\n");
        writer.Control("<start_of_turn>");
        writer.Text("model\n");
    }

    private static void Mistral(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        var text = turn.System is null ? turn.Question : $"{turn.System}\n\n{turn.Question}";
        if (writer.Has("[INST]") && writer.Has("[/INST]"))
        {
            // A tokenizer of the SentencePiece kind puts the space after the mark itself.
            writer.Control("[INST]");
            writer.Text(text);
            writer.Control("[/INST]");
        }
        else
        {
            writer.Text($"[INST] {text} [/INST]");
        }
    }

    private static void MistralAnswer(ChatWriter writer, string text) => writer.Text(writer.Has("[/INST]") ? text : $" {text}");

    /// <summary>Taori and others (2023), Stanford Alpaca, with its two prompts; a system prompt takes the place of the first paragraph.</summary>
    private static void Alpaca(ChatWriter writer, UserTurn turn)
    {
        var about = turn.Input is null ? "" : ", paired with an input that provides further context";
        if (turn.IsFirst)
        {
            writer.Begin();
            writer.Text((turn.System
                ?? $"Below is an instruction that describes a task{about}. Write a response that appropriately completes the request.") + "\n\n");
        }

        writer.Text($"### Instruction:\n{turn.Text}\n\n{(turn.Input is null ? "" : $"### Input:\n{turn.Input}\n\n")}### Response:");
    }

    /// <summary>Chiang and others (2023), Vicuna 1.1 as FastChat writes it.</summary>
    private static void Vicuna(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst)
        {
            writer.Begin();
            writer.Text((turn.System ?? VicunaSystem) + " ");
        }

        writer.Text($"USER: {turn.Question} ASSISTANT:");
    }

    /// <summary>Tunstall and others (2023), Zephyr; TinyLlama-Chat writes the same. The end token closes every message.</summary>
    private static void Zephyr(ChatWriter writer, UserTurn turn) => RoleMarks(writer, turn, closesEveryMessage: true);

    /// <summary>Wang and others (2023), Tulu: the end token closes answers alone.</summary>
    private static void Tulu(ChatWriter writer, UserTurn turn) => RoleMarks(writer, turn, closesEveryMessage: false);

    private static void RoleMarks(ChatWriter writer, UserTurn turn, bool closesEveryMessage)
    {
        if (turn.IsFirst) writer.Begin();
        else writer.Text("\n");
        if (turn.System is not null) Message("<|system|>", turn.System);
        Message("<|user|>", turn.Question);
        writer.Marked("<|assistant|>\n");

        void Message(string mark, string text)
        {
            writer.Marked(mark + "\n");
            writer.Text(text);
            if (closesEveryMessage) writer.EndOfText();
            writer.Text("\n");
        }
    }

    /// <summary>DeepSeek-R1 and its distillations, without thoughts.</summary>
    private static void DeepSeek(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        if (turn.System is not null) writer.Text(turn.System);
        writer.Control("<｜User｜>");
        writer.Text(turn.Question);
        writer.Control("<｜Assistant｜>");
    }
}
