using Microsoft.ML.Tokenizers;
using Titer.Models.Checkpoints;

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
    private static readonly string[] Names = ["<pad>", "<s>", "</s>", "<unk>"];
    private readonly string[] _lines;
    private readonly ControlSpellings _spellings = new(Names.Select((name, id) => KeyValuePair.Create(name, id)));
    private readonly WordPieceTokenizer _tokenizer;

    public VocabularyText(string path)
    {
        CheckpointText.RequireContent(path);
        var lines = File.ReadAllLines(path);
        if (!lines.Take(Names.Length).SequenceEqual(Names))
            throw new CheckpointException(
                $"TITER467 {path} does not begin with the four control tokens. Its first lines must be {string.Join(", ", Names)}, one a line; "
                    + "all other lines are words.");
        if (lines.CountBy(line => line).FirstOrDefault(line => line.Value > 1) is { Key: { } twice })
            throw new CheckpointException($"TITER467 {path} has '{twice}' twice. Every line is one word; remove the second.");
        if (Array.FindIndex(lines, line => line.Length == 0 || line.Any(char.IsWhiteSpace)) is >= 0 and var blank)
            throw new CheckpointException($"TITER467 {path}:{blank + 1} is not one word. Every line is one word without white space.");
        _lines = lines;
        _tokenizer = WordPieceTokenizer.Create(path, new WordPieceOptions
        {
            PreTokenizer = PreTokenizer.CreateWhiteSpace(),
            UnknownToken = "<unk>",
        });
    }

    public ControlTokens Control { get; } = new(Begin, End, Padding);

    public int? ControlId(string name) => Array.IndexOf(Names, name) is >= 0 and var id ? id : null;

    public (int Length, int Id)? ControlAt(ReadOnlySpan<char> text) => _spellings.At(text);

    public string? Spelling(int id) => id >= 0 && id < _lines.Length ? _lines[id] : null;

    /// <summary>A word of the text that spells a control token is an unknown word.</summary>
    public int[] Encode(string text) => [.. _tokenizer.EncodeToIds(text).Select(id => id < Unknown ? Unknown : id)];

    public string Decode(IReadOnlyList<int> ids) => _tokenizer.Decode(ids.Where(id => id > End)) ?? "";
}
