using Titer.Models.Tokenizers;
using Titer.Scenarios.Data.Jinja;

namespace Titer.Scenarios.Data;

/// <summary>A checkpoint's own template: what it writes is what the subject reads, a token for each
/// control token that the template itself spells.</summary>
internal sealed class TemplateScript : IChatScript
{
    public const string FormatName = "template";

    /// <summary>Both sides of it must come out of a rendering whole.</summary>
    private const string Probe = "a probe";

    private readonly ITextTokenizer _tokenizer;
    private readonly JinjaTemplate _template;
    private readonly Dictionary<string, object?> _variables;

    /// <exception cref="ScenarioException">The template has something that is not known, or does not write a plain conversation.</exception>
    public TemplateScript(ITextTokenizer tokenizer, TokenizerTemplate template, bool? thinking)
    {
        _tokenizer = tokenizer;
        if (thinking is not null && !template.Text.Contains("enable_thinking", StringComparison.Ordinal))
            throw new ScenarioException("TITER521 The chat template has no thinking switch ('enable_thinking'). Remove subject.thinking.");
        try
        {
            _template = JinjaTemplate.Parse(template.Text);
        }
        catch (JinjaException e)
        {
            throw Refusal(e);
        }

        _variables = template.Tokens.ToDictionary(token => token.Key, token => (object?)MarkedText.Of(token.Value), StringComparer.Ordinal);
        if (thinking is { } thinks) _variables["enable_thinking"] = thinks;
        var probe = new Conversation(null, [new ChatMessage(ChatRole.User, Probe)]);
        HasSystem = WritesSystem(probe);
        End = Rest(probe, Probe).End ?? tokenizer.Control.End;
    }

    public string Name => FormatName;

    public bool HasSystem { get; }

    public int End { get; }

    public void Prompt(ChatWriter writer, Conversation conversation) => writer.Marked(Render(conversation, null));

    public void Answer(ChatWriter writer, Conversation conversation, string answer)
    {
        writer.Marked(Rest(conversation, answer).Text);
        writer.End();
    }

    /// <summary>What the template writes behind the prompt, up to what ends the answer.</summary>
    private (MarkedText Text, int? End) Rest(Conversation conversation, string answer)
    {
        var (prompt, whole) = (Render(conversation, null), Render(conversation, answer));
        var (first, last) = (whole.Marks.IndexOf(MarkedText.OfAnswer), whole.Marks.LastIndexOf(MarkedText.OfAnswer));
        if (first < 0 && answer.Trim().Length > 0)
            throw new ScenarioException(
                "TITER539 The chat template does not write what the assistant says. Set subject.chat_format to the format that the subject was "
                    + "trained with.");
        // Some open the answer with more, or with less, than stands before it later (thoughts): then the answer itself follows the prompt.
        var begin = whole.Text.StartsWith(prompt.Text, StringComparison.Ordinal) ? prompt.Length : first < 0 ? whole.Length : first;
        var tail = Math.Max(last + 1, begin);
        foreach (var (start, length, id) in ControlSpans.In(whole, _tokenizer))
            if (start >= tail) return (whole.Slice(begin, start - begin), id);
        return (whole.Slice(begin, tail - begin), null);
    }

    private bool WritesSystem(Conversation probe)
    {
        try
        {
            return Render(probe with { System = "of the system" }, null).Text.Contains("of the system", StringComparison.Ordinal);
        }
        catch (ScenarioException)
        {
            return false;
        }
    }

    /// <param name="answer">Null: up to where it begins.</param>
    private MarkedText Render(Conversation conversation, string? answer)
    {
        var messages = new List<object?>();
        if (conversation.System is { } system) messages.Add(Message("system", system));
        for (var i = 0; i < conversation.Turns.Count; i++)
        {
            var input = i == conversation.Turns.Count - 1 && conversation.Input is { } given ? "\n\n" + given : "";
            messages.Add(Message(i % 2 == 0 ? "user" : "assistant", conversation.Turns[i].Text + input));
        }

        if (answer is not null) messages.Add(Message("assistant", answer, MarkedText.OfAnswer));
        try
        {
            return _template.Render(new Dictionary<string, object?>(_variables, StringComparer.Ordinal) { ["messages"] = messages,
                ["add_generation_prompt"] = answer is null });
        }
        catch (JinjaException e)
        {
            throw Refusal(e);
        }
    }

    private static JinjaMap Message(string role, string text, char mark = MarkedText.OfRow) =>
        new() { ["role"] = MarkedText.Of(role), ["content"] = MarkedText.Of(text, mark) };

    private static ScenarioException Refusal(JinjaException e) => new(e.IsRaised
        ? $"TITER539 The chat template refuses a conversation and {e.Message}. Give it what it takes, or set subject.chat_format to another format."
        : $"TITER539 The chat template {e.Message}. Set subject.chat_format to the format that the subject was trained "
            + $"with: {ChatTemplate.Names}, or marks of your own.", e);
}
