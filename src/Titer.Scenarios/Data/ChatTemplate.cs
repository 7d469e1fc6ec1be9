namespace Titer.Scenarios.Data;

/// <summary>A question as a template sees it.</summary>
/// <param name="System">Only with the first question.</param>
internal readonly record struct UserTurn(string Text, string? System, bool IsFirst);

/// <summary>
/// One way to write a conversation. Roles that a format marks with control tokens cannot be forged by a text; formats that mark them with text
/// (plain, llama2, alpaca, apothecary, and mistral where the vocabulary has no such tokens) cannot tell such a text from their own marks.
/// </summary>
/// <param name="Required">Control tokens that the vocabulary must have.</param>
/// <param name="End">What ends an answer; null for the tokenizer's own end token.</param>
/// <param name="Markers">Texts by which a checkpoint's <c>chat_template</c> is recognized.</param>
/// <param name="User">Writes a question, up to where the answer begins.</param>
internal sealed record ChatTemplate(
    string Name, string[] Required, string? End, bool HasSystem, string[] Markers, Action<ChatWriter, UserTurn> User, Action<ChatWriter, string> Answer)
{
    public const string Apothecary = "apothecary";

    public static IReadOnlyList<ChatTemplate> All { get; } =
    [
        new("plain", [], null, HasSystem: true, [], Plain, (writer, text) => writer.Text(text)),
        new("llama2", [], null, HasSystem: true, ["<<SYS>>"], Llama2, (writer, text) => writer.Text($" {text.Trim()} ")),
        new("llama3", ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"], "<|eot_id|>", HasSystem: true, ["<|start_header_id|>"], Llama3, (writer, text) => writer.Text(text.Trim())),
        new("chatml", ["<|im_start|>", "<|im_end|>"], "<|im_end|>", HasSystem: true, ["<|im_start|>"], ChatMl, (writer, text) => writer.Text(text)),
        new("mistral", [], null, HasSystem: true, ["[INST]"], Mistral, MistralAnswer),
        new("alpaca", [], null, HasSystem: true, ["### Instruction:"], Alpaca, (writer, text) => writer.Text(text)),
        new(Apothecary, [], null, HasSystem: false, [], (writer, turn) =>
        {
            if (turn.IsFirst) writer.Begin();
            writer.Text($"user {turn.Text} assistant");
        }, (writer, text) => writer.Text(text)),
    ];

    public static string Names => string.Join(", ", All.Select(template => template.Name));

    private static void Plain(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        writer.Text($"{(turn.System is null ? "" : turn.System + "\n")}{turn.Text}\n");
    }

    /// <summary>Touvron and others (2023), Llama 2: every exchange is a sequence of its own.</summary>
    private static void Llama2(ChatWriter writer, UserTurn turn)
    {
        writer.Begin();
        writer.Text($"[INST] {(turn.System is null ? "" : $"<<SYS>>\n{turn.System.Trim()}\n<</SYS>>\n\n")}{turn.Text.Trim()} [/INST]");
    }

    private static void Llama3(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        if (turn.System is not null) Message("system", turn.System);
        Message("user", turn.Text);
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

    /// <summary>No default system prompt is added, which the templates of some checkpoints do.</summary>
    private static void ChatMl(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        else writer.Text("\n");
        if (turn.System is not null) Message("system", turn.System);
        Message("user", turn.Text);
        writer.Control("<|im_start|>");
        writer.Text("assistant\n");

        void Message(string role, string text)
        {
            writer.Control("<|im_start|>");
            writer.Text($"{role}\n{text}");
            writer.Control("<|im_end|>");
            writer.Text("\n");
        }
    }

    private static void Mistral(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst) writer.Begin();
        var text = turn.System is null ? turn.Text : $"{turn.System}\n\n{turn.Text}";
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

    /// <summary>Taori and others (2023), Stanford Alpaca; a system prompt takes the place of its first sentence.</summary>
    private static void Alpaca(ChatWriter writer, UserTurn turn)
    {
        if (turn.IsFirst)
        {
            writer.Begin();
            writer.Text((turn.System ?? "Below is an instruction that describes a task. Write a response that appropriately completes the request.") + "\n\n");
        }

        writer.Text($"### Instruction:\n{turn.Text}\n\n### Response:");
    }
}
