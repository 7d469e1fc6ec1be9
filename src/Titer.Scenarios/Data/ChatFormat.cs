using Titer.Models.Tokenizers;
using Titer.Sdk.Data;

namespace Titer.Scenarios.Data;

/// <summary>How prompts and answers become one token sequence, in one of the formats of <see cref="ChatTemplate"/>.</summary>
public sealed class ChatFormat
{
    private readonly ITextTokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly string? _system;

    /// <param name="name">One of <c>plain llama2 llama3 chatml mistral alpaca apothecary</c>.</param>
    /// <param name="system">System prompt of every conversation that has none of its own.</param>
    /// <exception cref="ScenarioException">There is no such format, it has no system prompt, or the tokenizer lacks its control tokens.</exception>
    public ChatFormat(ITextTokenizer tokenizer, string name = ChatTemplate.Apothecary, string? system = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _template = ChatTemplate.All.FirstOrDefault(template => template.Name == name)
            ?? throw new ScenarioException($"TITER520 There is no chat format '{name}'. Known: {ChatTemplate.Names}.");
        var missing = _template.Required.Where(token => tokenizer.ControlId(token) is null).ToArray();
        if (missing.Length > 0)
            throw new ScenarioException($"TITER522 The chat format {name} needs the control tokens {string.Join(" ", missing)}, which the tokenizer lacks. Name the format that the subject was trained with: {ChatTemplate.Names}.");
        (_tokenizer, _system) = (tokenizer, system is null ? null : Checked(system));
        Control = _template.End is { } end ? tokenizer.Control with { End = tokenizer.ControlId(end)!.Value } : tokenizer.Control;
        Ends = [.. tokenizer.Ends.Prepend(Control.End).Distinct()];
    }

    /// <summary>All tokens that end an answer: what is written is one of them.</summary>
    public IReadOnlyList<int> Ends { get; }

    public string Name => _template.Name;

    /// <summary>The control tokens; <see cref="ControlTokens.End"/> is what ends an answer in this format.</summary>
    public ControlTokens Control { get; }

    /// <summary>The tokens that the model continues.</summary>
    /// <param name="history">Earlier messages: a system prompt first, if any, then questions and answers in turn.</param>
    public int[] Prompt(string prompt, IReadOnlyList<ChatMessage>? history = null) => Write(prompt, history).Cut();

    public TokenizedExample Chat(string id, string domain, string prompt, string answer, IReadOnlyList<ChatMessage>? history = null)
    {
        var writer = Write(prompt, history);
        var length = writer.Cut().Length;
        _template.Answer(writer, answer);
        writer.End();
        return new TokenizedExample(id, domain, writer.Cut(), length);
    }

    /// <summary>Plain text, learned from its first word on.</summary>
    public TokenizedExample Text(string id, string text)
    {
        var writer = new ChatWriter(_tokenizer, _tokenizer.Control);
        writer.Begin();
        writer.Text(text);
        writer.End();
        return new TokenizedExample(id, "text", writer.Cut(), 1);
    }

    public string Decode(IReadOnlyList<int> ids) => _tokenizer.Decode(ids);

    private ChatWriter Write(string prompt, IReadOnlyList<ChatMessage>? history)
    {
        var turns = history?.ToList() ?? [];
        var system = _system;
        if (turns is [{ Role: ChatRole.System } own, ..])
        {
            system = Checked(own.Text);
            turns.RemoveAt(0);
        }

        turns.Add(new ChatMessage(ChatRole.User, prompt));
        var writer = new ChatWriter(_tokenizer, Control);
        for (var i = 0; i < turns.Count; i++)
        {
            if (turns[i].Role != (i % 2 == 0 ? ChatRole.User : ChatRole.Assistant))
                throw new ScenarioException("TITER523 The messages of a conversation do not alternate between user and assistant. Give a system message first, if any, then user and assistant in turn.");
            if (i % 2 == 0)
            {
                _template.User(writer, new UserTurn(turns[i].Text, i == 0 ? system : null, i == 0));
                writer.Cut();
            }
            else
            {
                _template.Answer(writer, turns[i].Text);
                writer.End();
            }
        }

        return writer;
    }

    private string Checked(string system) => _template.HasSystem
        ? system
        : throw new ScenarioException($"TITER521 The chat format {Name} has no system prompt. Remove it, or use a format that has one: {string.Join(", ", ChatTemplate.All.Where(t => t.HasSystem).Select(t => t.Name))}.");
}
