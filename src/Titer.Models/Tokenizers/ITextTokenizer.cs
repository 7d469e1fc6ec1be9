namespace Titer.Models.Tokenizers;

/// <summary>Text to token ids and back. Text never becomes a control token: those are added by name only.</summary>
public interface ITextTokenizer
{
    /// <summary>Token ids of plain text, no control tokens added.</summary>
    int[] Encode(string text);

    /// <summary>Token ids of text that follows other text: tokenizers that put a space in front of a text do not.</summary>
    int[] EncodeContinuation(string text) => Encode(text);

    /// <summary>Text of token ids, control tokens left out.</summary>
    string Decode(IReadOnlyList<int> ids);

    ControlTokens Control { get; }

    /// <summary>All tokens that end an answer; <see cref="ControlTokens.End"/> is the one that is written.</summary>
    IReadOnlyList<int> Ends => [Control.End];

    /// <summary>The id of a control token by its spelling, or null when the tokenizer has no such token.</summary>
    int? ControlId(string name);

    /// <summary>The longest control token that a text begins with; null when it begins with none.</summary>
    (int Length, int Id)? ControlAt(ReadOnlySpan<char> text);

    /// <summary>Whether a control token swallows the white space left or right of it, as Phi-3's do: <c>lstrip</c> and <c>rstrip</c>.</summary>
    (bool Left, bool Right) SwallowsAround(int id) => (false, false);

    /// <summary>How the vocabulary writes a token, control tokens included; null when it has no such id.</summary>
    string? Spelling(int id);
}

/// <summary>Ids of the control tokens.</summary>
/// <param name="Begin">Start of a sequence; null when the model has none.</param>
/// <param name="End">End of an answer.</param>
/// <param name="Padding">Filler that carries no loss.</param>
public sealed record ControlTokens(int? Begin, int End, int Padding);
