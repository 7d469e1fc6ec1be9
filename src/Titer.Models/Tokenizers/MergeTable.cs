using System.Text;
using Microsoft.ML.Tokenizers;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// The BPE <c>model</c> of a <c>tokenizer.json</c>: a piece of text to ids. The merging is the library's; looking
/// whole words up first (<c>ignore_merges</c>) and spelling unknown characters as bytes (<c>byte_fallback</c>) is done here, because its <see
/// cref="BpeTokenizer"/> has neither.
/// </summary>
internal sealed class MergeTable
{
    private readonly Dictionary<string, int> _vocabulary = new(StringComparer.Ordinal);
    private readonly BpeTokenizer _merges;
    private readonly bool _wholeWordsFirst;
    private readonly int[]? _bytes;

    /// <param name="isControl">Tokens that text must not become: they and all merges that lead to or from them are left out.</param>
    public MergeTable(JsonPart model, Func<string, int, bool> isControl)
    {
        // Files of before 2021 leave the type out.
        var type = model.Optional("type")?.Text() ?? (model.Has("merges") ? "BPE" : "absent");
        if (type != "BPE") model.Unsupported<string>("TITER461", $"the tokenizer model '{type}'", "BPE");
        foreach (var option in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (model.Optional(option) is { } affix && affix.Text().Length > 0)
                affix.Unsupported<string>("TITER461", $"a {option}", "BPE without it");
        if (model.Optional("dropout") is { IsNumber: true } dropout && dropout.Element.GetDouble() > 0)
            dropout.Unsupported<string>("TITER461", "a merge dropout, whose ids are random", "BPE without it");

        Unknown = model.Optional("unk_token")?.Text();
        foreach (var (token, id) in model.Required("vocab").Members()) All[token] = id.Whole();
        if (Unknown is not null && !All.ContainsKey(Unknown))
            throw model.Malformed($"names the unknown token '{Unknown}', which its vocabulary lacks");
        foreach (var (token, id) in All)
            if (token == Unknown || !isControl(token, id)) _vocabulary[token] = id;
        _wholeWordsFirst = model.Flag("ignore_merges", false);
        if (model.Flag("byte_fallback", false)) _bytes = [.. Enumerable.Range(0, 256).Select(b => _vocabulary.GetValueOrDefault($"<0x{b:X2}>", -1))];
        _merges = Library(model);
    }

    /// <summary>The whole vocabulary, control tokens included.</summary>
    public Dictionary<string, int> All { get; } = new(StringComparer.Ordinal);

    public string? Unknown { get; }

    public void Encode(string piece, List<int> ids)
    {
        if (_wholeWordsFirst && piece != Unknown && _vocabulary.TryGetValue(piece, out var whole))
        {
            ids.Add(whole);
            return;
        }

        if (_bytes is null)
        {
            Merge(piece, ids);
            return;
        }

        var start = 0;
        for (var i = 0; i < piece.Length;)
        {
            var rune = Rune.GetRuneAt(piece, i);
            if (!_vocabulary.ContainsKey(rune.ToString()) && Bytes(rune) is { } bytes)
            {
                // Byte tokens take part in no merge, so what lies before and after is merged by itself.
                Merge(piece[start..i], ids);
                ids.AddRange(bytes);
                start = i + rune.Utf16SequenceLength;
            }

            i += rune.Utf16SequenceLength;
        }

        Merge(piece[start..], ids);
    }

    private int[]? Bytes(Rune rune)
    {
        int[] ids = [.. Encoding.UTF8.GetBytes(rune.ToString()).Select(b => _bytes![b])];
        return ids.Contains(-1) ? null : ids;
    }

    private void Merge(string piece, List<int> ids)
    {
        if (piece.Length > 0) ids.AddRange(_merges.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
    }

    private BpeTokenizer Library(JsonPart model)
    {
        var merges = new List<string>();
        foreach (var merge in model.Required("merges").Items())
        {
            var (left, right) = Pair(merge);
            if (!All.ContainsKey(left) || !All.ContainsKey(right) || !All.ContainsKey(left + right))
                throw new CheckpointException($"TITER465 {merge.File}: {merge.Place} merges tokens that the vocabulary lacks. Download it again.");
            // The library takes "left right" only; a space inside a token would be read as another merge.
            if (left.Contains(' ', StringComparison.Ordinal) || right.Contains(' ', StringComparison.Ordinal))
                throw new CheckpointException(
                    $"TITER465 {merge.File}: {merge.Place} merges a token with a space in it, which is not supported. Use a checkpoint that "
                        + "spells spaces as '▁' or 'Ġ'.");
            if (left + right != Unknown && _vocabulary.ContainsKey(left) && _vocabulary.ContainsKey(right) && _vocabulary.ContainsKey(left + right))
                merges.Add($"{left} {right}");
        }

        try
        {
            return BpeTokenizer.Create(
                new BpeOptions(_vocabulary) { Merges = merges, UnknownToken = Unknown, FuseUnknownTokens = model.Flag("fuse_unk", false) });
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException($"TITER465 {model.File}: The merges cannot be used: {e.Message} Download it again.", e);
        }
    }

    private static (string Left, string Right) Pair(JsonPart merge)
    {
        string[] parts = merge.IsList ? [.. merge.Items().Select(part => part.Text())] : merge.Text().Split(' ');
        return parts is [{ Length: > 0 } left, { Length: > 0 } right] ? (left, right) : throw merge.Malformed("is not a pair of tokens");
    }
}
