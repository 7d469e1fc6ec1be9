namespace Titer.Scenarios.Data;

/// <summary>A conversation up to the answer that is asked for.</summary>
/// <param name="Turns">Questions and answers in turn, a question last.</param>
/// <param name="Input">What the last question is about, where a row has it apart (Alpaca).</param>
internal sealed record Conversation(string? System, IReadOnlyList<ChatMessage> Turns, string? Input = null);

/// <summary>Writes conversations: one of the formats that are known, one of a scenario's own, or a checkpoint's own template.</summary>
internal interface IChatScript
{
    string Name { get; }

    bool HasSystem { get; }

    /// <summary>What ends an answer.</summary>
    int End { get; }

    /// <summary>Up to where the answer begins.</summary>
    void Prompt(ChatWriter writer, Conversation conversation);

    /// <summary>The answer behind that prompt, its end included.</summary>
    void Answer(ChatWriter writer, Conversation conversation, string answer);
}
