using System.Text;

namespace Titer.Models.Tokenizers;

/// <summary>
/// SentencePiece's BPE (Kudo and Richardson 2018; bpe_model.cc): the pair with the highest score merges
/// first, of equal ones the leftmost. The library's own merges
/// the other way in runs of one letter. Only pieces that text may become take part.
/// </summary>
internal sealed class SentencePieceMerges
{
    private readonly Dictionary<string, (int Id, float Score, bool IsUnused)> _pieces = new(StringComparer.Ordinal);
    private readonly int[]? _bytes;
    private readonly int _unknown;

    public SentencePieceMerges(SentencePieceFile file, Func<string, bool> isControl, int unknown)
    {
        _unknown = unknown;
        for (var id = 0; id < file.Pieces.Count; id++)
        {
            var (text, score, type) = file.Pieces[id];
            if (type is PieceType.Normal or PieceType.Unused && !isControl(text)) _pieces.TryAdd(text, (id, score, type == PieceType.Unused));
        }

        if (!file.FallsBackToBytes) return;
        var bytes = file.Pieces.Index().Where(piece => piece.Item.Type == PieceType.Byte)
            .ToDictionary(piece => piece.Item.Text, piece => piece.Index);
        if (bytes.Count == 256) _bytes = [.. Enumerable.Range(0, 256).Select(b => bytes.GetValueOrDefault($"<0x{b:X2}>", unknown))];
    }

    /// <param name="text">Normalized: spaces are '▁'.</param>
    public List<int> Encode(string text)
    {
        var symbols = Symbols(text);
        var origins = new Dictionary<string, (string Left, string Right)>(StringComparer.Ordinal);
        var agenda = new PriorityQueue<(int Left, int Right, int Length), (float Rank, int Left)>();
        for (var i = 1; i < symbols.Length; i++) Offer(i - 1, i);
        while (agenda.TryDequeue(out var pair, out _))
        {
            ref var left = ref symbols[pair.Left];
            ref var right = ref symbols[pair.Right];
            // One of the two has merged with another since.
            if (left.Length == 0 || right.Length == 0 || left.Length + right.Length != pair.Length) continue;
            left.Length += right.Length;
            (left.Next, right.Length) = (right.Next, 0);
            if (left.Next >= 0) symbols[left.Next].Previous = pair.Left;
            if (left.Previous >= 0) Offer(left.Previous, pair.Left);
            if (left.Next >= 0) Offer(pair.Left, left.Next);
        }

        var ids = new List<int>();
        var lastWasUnknown = false;
        for (var i = 0; i >= 0 && i < symbols.Length; i = symbols[i].Next)
            lastWasUnknown = Add(text.Substring(symbols[i].Start, symbols[i].Length), origins, ids, lastWasUnknown);
        return ids;

        void Offer(int left, int right)
        {
            var piece = text.Substring(symbols[left].Start, symbols[left].Length + symbols[right].Length);
            if (!_pieces.TryGetValue(piece, out var found)) return;
            agenda.Enqueue((left, right, piece.Length), (-found.Score, left));
            // Such a piece helps merging, and is taken apart again in the end.
            if (found.IsUnused) origins[piece] = (text.Substring(symbols[left].Start, symbols[left].Length),
                text.Substring(symbols[right].Start, symbols[right].Length));
        }
    }

    private bool Add(string piece, Dictionary<string, (string Left, string Right)> origins, List<int> ids, bool lastWasUnknown)
    {
        if (_pieces.TryGetValue(piece, out var found))
        {
            if (!found.IsUnused || !origins.TryGetValue(piece, out var parts))
            {
                ids.Add(found.Id);
                return false;
            }

            return Add(parts.Right, origins, ids, Add(parts.Left, origins, ids, lastWasUnknown));
        }

        if (_bytes is not null)
        {
            ids.AddRange(Encoding.UTF8.GetBytes(piece).Select(b => _bytes[b]));
            return false;
        }

        // A run of unknown characters is one unknown piece.
        if (!lastWasUnknown) ids.Add(_unknown);
        return true;
    }

    private static Symbol[] Symbols(string text)
    {
        var symbols = new List<Symbol>();
        for (var i = 0; i < text.Length; i += symbols[^1].Length)
            symbols.Add(new Symbol { Start = i, Length = char.IsSurrogatePair(text, i) ? 2 : 1, Previous = symbols.Count - 1,
                Next = symbols.Count + 1 });
        if (symbols.Count > 0) symbols[^1] = symbols[^1] with { Next = -1 };
        return [.. symbols];
    }

    private record struct Symbol(int Start, int Length, int Previous, int Next);
}
