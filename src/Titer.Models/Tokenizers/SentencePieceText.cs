using System.Text;
using Google.Protobuf;
using Microsoft.ML.Tokenizers;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>Tokenizer of a SentencePiece <c>tokenizer.model</c> (BPE).</summary>
internal sealed class SentencePieceText : ITextTokenizer
{
    /// <summary>A line feed has no piece but its byte in this family, so nothing merges with it.</summary>
    private const string Neutral = "\n";

    private readonly LlamaTokenizer _tokenizer;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _control = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _forbidden;
    private readonly int[] _neutral;
    private readonly string[] _spelling;
    private readonly ControlSpellings _spellings;

    public SentencePieceText(string path, ControlTokenNames names)
    {
        List<(string Text, PieceType Type)> pieces;
        (pieces, _tokenizer) = Open(path);
        foreach (var ((text, type), id) in pieces.Select((piece, id) => (piece, id)))
        {
            var isMarkup = type == PieceType.UserDefined && text is ['<', .., '>'] or ['[', .., ']'];
            // SentencePiece finds these whole in a text, the library does not; tokenizer.json says the same and is read exactly.
            if (type == PieceType.UserDefined && !isMarkup)
                throw new CheckpointException($"TITER466 {path} has user-defined pieces (the first is number {id}), which are not supported in this format. Add the checkpoint's tokenizer.json.");
            (type is PieceType.Control or PieceType.Unknown || isMarkup ? _control : _ids)[text] = id;
        }

        var own = new ControlTokens(names.AddsBegin == false ? null : _tokenizer.BeginningOfSentenceId, _tokenizer.EndOfSentenceId, _tokenizer.UnknownId);
        Control = names.HasEnd ? (names with { AddsBegin = names.AddsBegin ?? true }).Resolve(path, name => _control.TryGetValue(name, out var id) || _ids.TryGetValue(name, out id) ? id : null, _tokenizer.UnknownToken, inFront: null) : own;
        Ends = names.EndsWith(Control.End);
        _spelling = [.. pieces.Select(piece => piece.Text)];
        foreach (var id in (int?[])[Control.Begin, .. Ends, own.Begin, own.End])
            if (id is { } known && known >= 0 && known < pieces.Count) _control.TryAdd(pieces[known].Text, known);
        _forbidden = _control.Where(c => c.Value != _tokenizer.UnknownId).ToDictionary(c => c.Value, c => c.Key);
        _spellings = new ControlSpellings(_control);
        _neutral = Encode(Neutral);
    }

    public ControlTokens Control { get; }

    public IReadOnlyList<int> Ends { get; }

    public (int Length, int Id)? ControlAt(ReadOnlySpan<char> text) => _spellings.At(text);

    public string? Spelling(int id) => id >= 0 && id < _spelling.Length ? _spelling[id] : null;

    public int? ControlId(string name) => _control.TryGetValue(name, out var id) ? id : null;

    /// <summary>A control token that the merges spell out of text is taken apart into its characters.</summary>
    public int[] Encode(string text)
    {
        var ids = _tokenizer.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false);
        return ids.Any(_forbidden.ContainsKey) ? [.. ids.SelectMany(id => _forbidden.TryGetValue(id, out var spelling) ? Characters(spelling) : [id])] : [.. ids];
    }

    public int[] EncodeContinuation(string text)
    {
        var ids = Encode(Neutral + text);
        return ids.AsSpan().StartsWith(_neutral) ? ids[_neutral.Length..] : Encode(text);
    }

    public string Decode(IReadOnlyList<int> ids) =>
        _tokenizer.Decode(ids.Where(id => !_forbidden.ContainsKey(id)), considerSpecialTokens: false);

    private IEnumerable<int> Characters(string text) => text.EnumerateRunes().SelectMany(rune => _ids.TryGetValue(rune.ToString(), out var id)
        ? [id]
        : Encoding.UTF8.GetBytes(rune.ToString()).Select(b => _ids.GetValueOrDefault($"<0x{b:X2}>", _tokenizer.UnknownId)));

    private static (List<(string, PieceType)>, LlamaTokenizer) Open(string path)
    {
        try
        {
            CheckpointText.RequireContent(path);
            var bytes = File.ReadAllBytes(path);
            var pieces = SentencePiecePieces.Read(bytes);
            if (pieces.Count == 0) throw new InvalidDataException("It has no pieces.");
            return (pieces, LlamaTokenizer.Create(new MemoryStream(bytes), addBeginOfSentence: false, addEndOfSentence: false));
        }
        catch (Exception e) when (e is not (OutOfMemoryException or CheckpointException))
        {
            // The library throws what its parsing runs into: null references and key errors among them.
            throw new CheckpointException($"TITER466 {path} is not a SentencePiece model of the BPE kind: {e.Message} Download it again, or add the checkpoint's tokenizer.json.", e);
        }
    }
}
