using Titer.Models.Tokenizers;

namespace Titer.Scenarios.Data;

/// <summary>A <see cref="ChatTemplate"/> as a script.</summary>
internal sealed class WrittenScript(ChatTemplate template, ITextTokenizer tokenizer, bool? thinking) : IChatScript
{
    /// <summary>What Qwen3 is given in place of thoughts when it is not to think.</summary>
    private const string NoThoughts = "<think>\n\n</think>\n\n";

    public string Name => template.Name;

    public bool HasSystem => template.HasSystem;

    public int End { get; } = template.End is { } end
        ? tokenizer.ControlId(end)
            ?? throw new ScenarioException($"TITER522 The chat format {template.Name} ends answers with {end}, which the tokenizer lacks.")
        : tokenizer.Control.End;

    public void Prompt(ChatWriter writer, Conversation conversation)
    {
        var turns = conversation.Turns;
        for (var i = 0; i < turns.Count; i++)
        {
            if (i % 2 == 0)
            {
                template.User(writer,
                    new UserTurn(turns[i].Text, i == 0 ? conversation.System : null, i == 0, i == turns.Count - 1 ? conversation.Input : null));
                if (thinking == false && i == turns.Count - 1) writer.Marked(NoThoughts);
                writer.Cut();
            }
            else
            {
                template.Answer(writer, turns[i].Text);
                writer.End();
            }
        }
    }

    public void Answer(ChatWriter writer, Conversation conversation, string answer)
    {
        template.Answer(writer, answer);
        writer.End();
    }
}
