using System.Text;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// Tokenizer of a <c>tokenizer.json</c> with a BPE model: byte-level (GPT-2, Llama 3, Qwen2) or
/// SentencePiece-like (Llama 2, Mistral). Its post-processor is not used:
/// control tokens are added by id, by the chat format.
/// </summary>
internal sealed class BytePairText : ITextTokenizer
{
    private readonly AddedTokens _added;
    private readonly TextNormalizer _normalizer;
    private readonly TextSplitter _splitter;
    private readonly MergeTable _merges;
    private readonly TokenDecoder _decoder;
    private readonly Dictionary<string, int> _control;
    private readonly Dictionary<int, string> _text = [];
    private readonly Dictionary<int, string> _spelling = [];
    private readonly ControlSpellings _spellings;

    /// <param name="root">A <c>tokenizer.json</c>, or what stands for one.</param>
    public BytePairText(JsonPart root, ControlTokenNames names)
    {
        var path = root.File;
        _normalizer = TextNormalizer.Read(root.Optional("normalizer"));
        _added = AddedTokens.Read(root.Optional("added_tokens"), _normalizer);
        _splitter = TextSplitter.Read(root.Optional("pre_tokenizer"));
        _decoder = TokenDecoder.Read(root.Optional("decoder"), _splitter.IsByteLevel);
        _merges = new MergeTable(root.Required("model"), (token, id) =>
            _added.Control.ContainsKey(token) || token == names.Begin || token == names.End || id == names.BeginId || id == names.EndId);
        if (_splitter.IsByteLevel && _merges.Unknown is null
            && Enumerable.Range(0, 256).FirstOrDefault(b => !_merges.All.ContainsKey(ByteLevelAlphabet.Letter((byte)b)), -1) is >= 0 and var absent)
            throw new CheckpointException($"TITER472 {path}: the vocabulary lacks byte {absent}: it could not write every text. Download it again.");
        foreach (var (token, id) in _merges.All.Concat(_added.Words).Concat(_added.Control)) _spelling[id] = token;
        foreach (var (token, id) in _merges.All.Concat(_added.Words)) _text[id] = token;
        _control = new Dictionary<string, int>(_added.Control, StringComparer.Ordinal);
        foreach (var name in (string?[])[names.Begin, names.End, _merges.Unknown])
            if (name is not null && _merges.All.TryGetValue(name, out var id)) _control.TryAdd(name, id);
        Control = names.Resolve(path, token => _control.TryGetValue(token, out var id) || _merges.All.TryGetValue(token, out id) ? id : null,
            _merges.Unknown,
            PostProcessor.InFront(root.Optional("post_processor")));
        Ends = names.EndsWith(Control.End);
        _spellings = new ControlSpellings(_control);
        foreach (var id in _control.Values.Concat(Ends).Concat(Control.Begin is { } begin ? [begin] : [])) _text.Remove(id);
    }

    public ControlTokens Control { get; }

    public IReadOnlyList<int> Ends { get; }

    public int? ControlId(string name) => _control.TryGetValue(name, out var id) ? id : null;

    public (int Length, int Id)? ControlAt(ReadOnlySpan<char> text) => _spellings.At(text);

    public (bool Left, bool Right) SwallowsAround(int id) => _added.SwallowsAround(id);

    public string? Spelling(int id) => _spelling.GetValueOrDefault(id);

    public int[] Encode(string text) => Encode(text, continues: false);

    public int[] EncodeContinuation(string text) => Encode(text, continues: true);

    public string Decode(IReadOnlyList<int> ids) => _decoder.Decode(ids.Where(_text.ContainsKey).Select(id => _text[id]));

    private int[] Encode(string text, bool continues)
    {
        var ids = new List<int>();
        foreach (var (part, word, start) in _added.Split(Scalars(text), normalized: false))
        {
            if (word is { } rawId)
            {
                ids.Add(rawId);
                continue;
            }

            foreach (var (inner, innerWord, innerStart) in _added.Split(_normalizer.Apply(part, continues), normalized: true))
            {
                if (innerWord is { } id) ids.Add(id);
                else
                    foreach (var piece in _splitter.Split(new Piece(inner, start == 0 && innerStart == 0), continues)) _merges.Encode(piece, ids);
            }
        }

        return [.. ids];
    }

    /// <summary>A surrogate without its other half has no UTF-8: it becomes the replacement character.</summary>
    public static string Scalars(string text) =>
        text.Any(char.IsSurrogate) ? string.Concat(text.EnumerateRunes().Select(rune => rune.ToString())) : text;
}
