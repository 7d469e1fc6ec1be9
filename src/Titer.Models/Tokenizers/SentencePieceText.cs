using Google.Protobuf;
using Microsoft.ML.Tokenizers;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>Tokenizer of a SentencePiece <c>tokenizer.model</c> (BPE), with what an
/// <c>added_tokens.json</c> beside it adds. Decoding is the library's.</summary>
internal sealed class SentencePieceText : ITextTokenizer
{
    private readonly LlamaTokenizer _tokenizer;
    private readonly SentencePieceFile _file;
    private readonly SentencePieceMerges _merges;
    private readonly Dictionary<string, int> _control = new(StringComparer.Ordinal);
    private readonly HashSet<int> _forbidden;
    private readonly Dictionary<int, string> _spelling = [];
    private readonly ControlSpellings _spellings;

    public SentencePieceText(string path, ControlTokenNames names)
    {
        (_file, _tokenizer) = Open(path);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, (text, _, type)) in _file.Pieces.Index())
        {
            var isMarkup = type == PieceType.UserDefined && AddedTokens.IsMarkup(text);
            // SentencePiece finds these whole in a text; tokenizer.json says the same and is read exactly.
            if (type == PieceType.UserDefined && !isMarkup)
                throw new CheckpointException(
                    $"TITER466 {path} has user-defined pieces (the first is number {id}), which are not supported in this format. Add the "
                        + "checkpoint's tokenizer.json.");
            (type is PieceType.Control or PieceType.Unknown || isMarkup ? _control : ids)[text] = id;
            _spelling[id] = text;
        }

        foreach (var (token, id) in AddedTokens.Beside(path, names)) (_control[token], _spelling[id]) = (id, token);
        var own = new ControlTokens(names.AddsBegin == false ? null : _tokenizer.BeginningOfSentenceId, _tokenizer.EndOfSentenceId,
            _tokenizer.UnknownId);
        Control = names.HasEnd
            ? (names with { AddsBegin = names.AddsBegin ?? true }).Resolve(path,
                name => _control.TryGetValue(name, out var id) || ids.TryGetValue(name, out id) ? id : null, _tokenizer.UnknownToken, inFront: null)
            : own;
        Ends = names.EndsWith(Control.End);
        foreach (var id in (int?[])[Control.Begin, .. Ends, own.Begin, own.End])
            if (id is { } known && _spelling.TryGetValue(known, out var text)) _control.TryAdd(text, known);
        _forbidden = [.. _control.Values.Where(id => id != _tokenizer.UnknownId)];
        _spellings = new ControlSpellings(_control);
        _merges = new SentencePieceMerges(_file, _control.ContainsKey, _tokenizer.UnknownId);
    }

    public ControlTokens Control { get; }

    public IReadOnlyList<int> Ends { get; }

    public (int Length, int Id)? ControlAt(ReadOnlySpan<char> text) => _spellings.At(text);

    public string? Spelling(int id) => _spelling.GetValueOrDefault(id);

    public int? ControlId(string name) => _control.TryGetValue(name, out var id) ? id : null;

    public int[] Encode(string text) => [.. _merges.Encode(Normalized(text, continues: false))];

    public int[] EncodeContinuation(string text) => [.. _merges.Encode(Normalized(text, continues: true))];

    public string Decode(IReadOnlyList<int> ids) =>
        _tokenizer.Decode(ids.Where(id => !_forbidden.Contains(id)), considerSpecialTokens: false);

    /// <summary>As the model's normalizer has it: spaces are '▁', one is put in front of what begins a text.</summary>
    private string Normalized(string text, bool continues)
    {
        text = BytePairText.Scalars(text);
        if (_file.RemovesExtraSpaces) text = string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (text.Length > 0 && _file.AddsPrefix && !continues) text = " " + text;
        return text.Replace(' ', '▁');
    }

    private static (SentencePieceFile, LlamaTokenizer) Open(string path)
    {
        try
        {
            CheckpointText.RequireContent(path);
            var bytes = File.ReadAllBytes(path);
            var file = SentencePieceFile.Read(bytes);
            if (file.Pieces.Count == 0) throw new InvalidDataException("It has no pieces.");
            if (file.RewritesCharacters)
                throw new CheckpointException(
                    $"TITER475 {path} rewrites characters before it splits a text (a normalization rule such as nmt_nfkc), which is not "
                        + "supported in this format. Add the checkpoint's tokenizer.json.");
            return (file, LlamaTokenizer.Create(new MemoryStream(bytes), addBeginOfSentence: false, addEndOfSentence: false));
        }
        catch (Exception e) when (e is not (OutOfMemoryException or CheckpointException))
        {
            // The library throws what its parsing runs into: null references and key errors among them.
            throw new CheckpointException(
                $"TITER466 {path} is not a SentencePiece model of the BPE kind: {e.Message} Download it again, or add the checkpoint's "
                    + "tokenizer.json.", e);
        }
    }
}
