using Microsoft.ML.Tokenizers;

namespace Titer.Models.Tokenizers;

/// <summary>
/// Tokenizer of a <c>vocab.txt</c> of whole words, one a line, split at white space. Lines 1 to 4 are the control tokens
/// <c>&lt;pad&gt; &lt;s&gt; &lt;/s&gt; &lt;unk&gt;</c>.
/// </summary>
internal sealed class VocabularyText : ITextTokenizer
{
    private const int Padding = 0;
    private const int Begin = 1;
    private const int End = 2;
    private const int Unknown = 3;
    private readonly WordPieceTokenizer _tokenizer;

    public VocabularyText(string path)
    {
        _tokenizer = WordPieceTokenizer.Create(path, new WordPieceOptions
        {
            PreTokenizer = PreTokenizer.CreateWhiteSpace(),
            UnknownToken = "<unk>",
        });
    }

    public ControlTokens Control { get; } = new(Begin, End, Padding);

    /// <summary>A word of the text that spells a control token is an unknown word.</summary>
    public int[] Encode(string text) => [.. _tokenizer.EncodeToIds(text).Select(id => id < Unknown ? Unknown : id)];

    public string Decode(IReadOnlyList<int> ids) => _tokenizer.Decode(ids.Where(id => id > End)) ?? "";
}
