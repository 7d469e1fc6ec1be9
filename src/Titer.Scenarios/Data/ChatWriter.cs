using System.Text;
using Titer.Models.Tokenizers;

namespace Titer.Scenarios.Data;

/// <summary>
/// Collects a token sequence of control tokens and texts. Texts between two control tokens are tokenized as one; control tokens are added by id, so no text can
/// forge them.
/// </summary>
internal sealed class ChatWriter(ITextTokenizer tokenizer, ControlTokens control)
{
    private readonly List<int> _ids = [];
    private readonly StringBuilder _text = new();
    private bool _followsText;

    public bool Has(string name) => tokenizer.ControlId(name) is not null;

    public void Begin()
    {
        if (control.Begin is { } begin) Add(begin);
    }

    public void End() => Add(control.End);

    public void Control(string name) => Add(tokenizer.ControlId(name) ?? throw new ArgumentException($"The tokenizer has no control token '{name}'.", nameof(name)));

    public void Text(string text) => _text.Append(text);

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
        Cut();
        _ids.Add(id);
        _followsText = false;
    }
}
