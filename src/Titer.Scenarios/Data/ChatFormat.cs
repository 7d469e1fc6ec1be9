using Titer.Models.Tokenizers;
using Titer.Sdk.Data;

namespace Titer.Scenarios.Data;

/// <summary>How prompts and answers become one token sequence: in a format that is known, in one of the scenario's
/// own, or as the checkpoint's own template writes them.</summary>
public sealed class ChatFormat
{
    private readonly ITextTokenizer _tokenizer;
    private readonly IChatScript _script;
    private readonly string? _system;

    /// <param name="name">One of the formats of <see cref="ChatTemplate"/>.</param>
    /// <param name="system">System prompt of every conversation that has none of its own.</param>
    /// <exception cref="ScenarioException">There is no such format, it has no system prompt, or the tokenizer lacks its control tokens.</exception>
    public ChatFormat(ITextTokenizer tokenizer, string name = ChatTemplate.Apothecary, string? system = null)
        : this(tokenizer, new ChatSettings { Name = name, SystemPrompt = system })
    {
    }

    /// <inheritdoc cref="ChatFormat(ITextTokenizer, string, string?)"/>
    public ChatFormat(ITextTokenizer tokenizer, ChatSettings settings)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(settings);
        (_tokenizer, _script) = (tokenizer, Script(tokenizer, settings));
        _system = settings.SystemPrompt is { } system ? Checked(system) : null;
        Control = tokenizer.Control with { End = _script.End };
        Ends = [.. tokenizer.Ends.Prepend(Control.End).Distinct()];
    }

    public string Name => _script.Name;

    /// <summary>The control tokens; <see cref="ControlTokens.End"/> is what ends an answer in this format.</summary>
    public ControlTokens Control { get; }

    /// <summary>All tokens that end an answer: what is written is one of them.</summary>
    public IReadOnlyList<int> Ends { get; }

    internal bool HasSystem => _script.HasSystem;

    /// <summary>The tokens that the model continues.</summary>
    /// <param name="history">Earlier messages: a system prompt first, if any, then questions and answers in turn.</param>
    /// <param name="input">What the question is about, where a row has it apart.</param>
    public int[] Prompt(string prompt, IReadOnlyList<ChatMessage>? history = null, string? input = null) =>
        Write(Conversation(prompt, history, input)).Cut();

    public int[] Prompt(ChatExample example)
    {
        ArgumentNullException.ThrowIfNull(example);
        return Prompt(example.Prompt, example.History, example.Input);
    }

    public TokenizedExample Chat(string id, string domain, string prompt, string answer, IReadOnlyList<ChatMessage>? history = null,
        string? input = null)
    {
        var conversation = Conversation(prompt, history, input);
        var writer = Write(conversation);
        var length = writer.Cut().Length;
        _script.Answer(writer, conversation, answer);
        return new TokenizedExample(id, domain, writer.Cut(), length) { Prompt = input is null ? prompt : $"{prompt}\n\n{input}", Answer = answer };
    }

    /// <param name="answer">In place of the example's own.</param>
    public TokenizedExample Chat(ChatExample example, string? answer = null)
    {
        ArgumentNullException.ThrowIfNull(example);
        return Chat(example.Id, example.Domain, example.Prompt, answer ?? example.Answer, example.History, example.Input);
    }

    /// <summary>The tokens that the model continues when its answer has begun already.</summary>
    public int[] Prompt(ChatExample example, string answerBeginning)
    {
        ArgumentNullException.ThrowIfNull(example);
        if (answerBeginning.Length == 0) return Prompt(example);
        var begun = Chat(example, answerBeginning);
        // Behind the answer stand the marks that end it, as they do behind an empty one.
        var empty = Chat(example, "");
        return begun.Tokens[..^(empty.Tokens.Length - empty.PromptLength)];
    }

    /// <summary>Whether text reads the same after it was tokenized.</summary>
    public bool CanWrite(string text) => _tokenizer.Decode(_tokenizer.Encode(text)).Trim() == text.Trim();

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

    private static IChatScript Script(ITextTokenizer tokenizer, ChatSettings settings)
    {
        if (settings.Template is { } own) return new TemplateScript(tokenizer, own, settings.Thinking);
        var template = settings.Marks is { } marks
            ? OwnFormat.Of(marks, tokenizer)
            : ChatTemplate.All.FirstOrDefault(template => template.Name == settings.Name)
                ?? throw new ScenarioException($"TITER520 There is no chat format '{settings.Name}'. Known: {ChatTemplate.Names}.");
        if (settings.Thinking is not null && template.Name != "chatml")
            throw new ScenarioException(
                $"TITER521 The chat format {template.Name} has no thinking switch. Remove subject.thinking, or leave chat_format out where the "
                    + "checkpoint's own template has one.");
        var missing = template.Required.Where(token => tokenizer.ControlId(token) is null).ToArray();
        return missing.Length == 0
            ? new WrittenScript(template, tokenizer, settings.Thinking)
            : throw new ScenarioException(
                $"TITER522 The chat format {template.Name} needs the control tokens {string.Join(" ", missing)}, which the tokenizer lacks. Name "
                    + $"the format that the subject was trained with: {ChatTemplate.Names}.");
    }

    private ChatWriter Write(Conversation conversation)
    {
        var writer = new ChatWriter(_tokenizer, Control);
        _script.Prompt(writer, conversation);
        return writer;
    }

    private Conversation Conversation(string prompt, IReadOnlyList<ChatMessage>? history, string? input)
    {
        var turns = history?.ToList() ?? [];
        var system = _system;
        if (turns is [{ Role: ChatRole.System } own, ..])
        {
            system = Checked(own.Text);
            turns.RemoveAt(0);
        }

        turns.Add(new ChatMessage(ChatRole.User, prompt));
        for (var i = 0; i < turns.Count; i++)
            if (turns[i].Role != (i % 2 == 0 ? ChatRole.User : ChatRole.Assistant))
                throw new ScenarioException(
                    "TITER523 The messages of a conversation do not alternate between user and assistant. Give a system message first, if any, "
                        + "then user and assistant in turn.");
        return new Conversation(system, turns, input);
    }

    private string Checked(string system) => _script.HasSystem
        ? system
        : throw new ScenarioException(
            $"TITER521 The chat format {Name} has no system prompt. Remove it, or use a format that has "
                + $"one: {string.Join(", ", ChatTemplate.All.Where(t => t.HasSystem).Select(t => t.Name))}.");
}
