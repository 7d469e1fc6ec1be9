using System.Text;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Data.Jinja;

namespace Titer.Scenarios.Data;

/// <summary>
/// Collects a token sequence of control tokens and texts. Texts between two control tokens are tokenized
/// as one; control tokens are added by id, so no text can
/// forge them.
/// </summary>
internal sealed class ChatWriter(ITextTokenizer tokenizer, ControlTokens control)
{
    private readonly List<int> _ids = [];
    private readonly StringBuilder _text = new();
    private bool _followsText;
    private bool _swallowsSpace;

    public bool Has(string name) => tokenizer.ControlId(name) is not null;

    public void Begin()
    {
        if (control.Begin is { } begin) Add(begin);
    }

    public void End() => Add(control.End);

    public void Control(string name) =>
        Add(tokenizer.ControlId(name) ?? throw new ArgumentException($"The tokenizer has no control token '{name}'.", nameof(name)));

    /// <summary>The tokenizer's own end token, whatever ends an answer in the format.</summary>
    public void EndOfText() => Add(tokenizer.Control.End);

    /// <summary>A text of the format itself: what spells a control token is that token, where the tokenizer has it.</summary>
    public void Marked(string text) => Marked(MarkedText.Of(text));

    /// <summary>Of what a row says, nothing is a control token.</summary>
    public void Marked(MarkedText text)
    {
        var end = 0;
        foreach (var (start, length, id) in ControlSpans.In(text, tokenizer))
        {
            Text(text.Text[end..start]);
            Add(id);
            end = start + length;
        }

        Text(text.Text[end..]);
    }

    public void Text(string text)
    {
        // A token that swallows the white space behind it does so up to the next character, whoever writes it.
        if (_swallowsSpace) text = text.TrimStart();
        _swallowsSpace &= text.Length == 0;
        _text.Append(text);
    }

    /// <summary>The tokens so far; text that comes later is tokenized by itself, as a continuation.</summary>
    public int[] Cut()
    {
        if (_text.Length > 0)
        {
            _ids.AddRange(_followsText ? tokenizer.EncodeContinuation(_text.ToString()) : tokenizer.Encode(_text.ToString()));
            _text.Clear();
            _followsText = true;
        }

        return [.. _ids];
    }

    private void Add(int id)
    {
        var (left, right) = tokenizer.SwallowsAround(id);
        while (left && _text.Length > 0 && char.IsWhiteSpace(_text[^1])) _text.Length--;
        Cut();
        _ids.Add(id);
        (_followsText, _swallowsSpace) = (false, right);
    }
}
