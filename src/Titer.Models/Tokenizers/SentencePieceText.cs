using Microsoft.ML.Tokenizers;

namespace Titer.Models.Tokenizers;

/// <summary>Tokenizer of a SentencePiece <c>tokenizer.model</c>.</summary>
internal sealed class SentencePieceText : ITextTokenizer
{
    private readonly LlamaTokenizer _tokenizer;

    public SentencePieceText(string path)
    {
        using var stream = File.OpenRead(path);
        _tokenizer = LlamaTokenizer.Create(stream, addBeginOfSentence: false, addEndOfSentence: false);
        Control = new ControlTokens(_tokenizer.BeginningOfSentenceId, _tokenizer.EndOfSentenceId, _tokenizer.UnknownId);
    }

    public ControlTokens Control { get; }

    public int[] Encode(string text) => [.. _tokenizer.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false)];

    public string Decode(IReadOnlyList<int> ids) =>
        _tokenizer.Decode(ids.Where(id => id != Control.Begin && id != Control.End), considerSpecialTokens: false);
}
