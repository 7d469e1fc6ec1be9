namespace Titer.Models.Tokenizers;

/// <summary>A piece of a text that merges do not cross.</summary>
/// <param name="IsStart">It is at the very beginning of the text.</param>
internal readonly record struct Piece(string Text, bool IsStart);

/// <summary>The <c>pre_tokenizer</c> of a <c>tokenizer.json</c>.</summary>
internal sealed class TextSplitter
{
    private const string Supported = "ByteLevel, Split, Metaspace, Digits, Sequence";

    /// <summary>GPT-2's own pattern, which the file does not spell out.</summary>
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private readonly IReadOnlyList<Func<Piece, bool, IEnumerable<Piece>>> _steps;

    private TextSplitter(IReadOnlyList<Func<Piece, bool, IEnumerable<Piece>>> steps, bool isByteLevel) =>
        (_steps, IsByteLevel) = (steps, isByteLevel);

    /// <summary>Pieces are spelled in <see cref="ByteLevelAlphabet"/>.</summary>
    public bool IsByteLevel { get; }

    public static TextSplitter Read(JsonPart? node) => new([.. node is { } part ? Steps(part) : []], node?.Mentions("ByteLevel") ?? false);

    /// <param name="continues">The text follows other text: no space is put in front of it.</param>
    public IEnumerable<string> Split(Piece text, bool continues) =>
        _steps.Aggregate(Enumerable.Repeat(text, 1), (pieces, step) => pieces.SelectMany(piece => step(piece, continues)))
            .Select(piece => piece.Text).Where(piece => piece.Length > 0);

    private static IEnumerable<Func<Piece, bool, IEnumerable<Piece>>> Steps(JsonPart node)
    {
        switch (node.Text("type"))
        {
            case "Sequence":
                return node.Required("pretokenizers").Items().SelectMany(Steps);
            case "ByteLevel":
                var gpt2 = node.Flag("use_regex", true) ? new UnicodePattern(Gpt2) : null;
                var addSpace = node.Flag("add_prefix_space", true);
                return
                [
                    (piece, continues) => [addSpace && !continues && !piece.Text.StartsWith(' ') ? piece with { Text = " " + piece.Text } : piece],
                    (piece, _) => gpt2 is null ? [piece] : Cut(piece, gpt2, CutBehavior.Isolated, invert: false),
                    (piece, _) => [piece with { Text = ByteLevelAlphabet.Of(piece.Text) }],
                ];
            case "Split":
                var (pattern, behavior, invert) = (UnicodePattern.Read(node.Required("pattern"), "TITER463"), Behavior(node.Required("behavior")),
                    node.Flag("invert", false));
                return [(piece, _) => Cut(piece, pattern, behavior, invert)];
            case "Digits":
                var digits = new UnicodePattern(node.Flag("individual_digits", false) ? @"\p{N}" : @"\p{N}+");
                return [(piece, _) => Cut(piece, digits, CutBehavior.Isolated, invert: false)];
            case "Metaspace":
                return Metaspace(node);
            case var other:
                return node.Unsupported<IEnumerable<Func<Piece, bool, IEnumerable<Piece>>>>("TITER463", $"the pre-tokenizer '{other}'", Supported);
        }
    }

    private static IEnumerable<Func<Piece, bool, IEnumerable<Piece>>> Metaspace(JsonPart node)
    {
        var space = node.Text("replacement");
        var scheme = node.Optional("prepend_scheme")?.Text() ?? (node.Flag("add_prefix_space", true) ? "always" : "never");
        if (scheme is not ("always" or "first" or "never"))
            return node.Unsupported<IEnumerable<Func<Piece, bool, IEnumerable<Piece>>>>("TITER463",
                $"a Metaspace with the prepend_scheme '{scheme}'", "always, first, never");
        var words = node.Flag("split", true) ? new UnicodePattern(System.Text.RegularExpressions.Regex.Escape(space)) : null;
        return
        [
            (piece, _) => [piece with { Text = piece.Text.Replace(" ", space, StringComparison.Ordinal) }],
            (piece, continues) => [!continues && (scheme == "always" || (scheme == "first" && piece.IsStart))
                && !piece.Text.StartsWith(space, StringComparison.Ordinal)
                ? piece with { Text = space + piece.Text } : piece],
            (piece, _) => words is null ? [piece] : Cut(piece, words, CutBehavior.MergedWithNext, invert: false),
        ];
    }

    private static CutBehavior Behavior(JsonPart node) => Enum.TryParse<CutBehavior>(node.Text(), out var behavior)
        ? behavior
        : node.Unsupported<CutBehavior>("TITER463", $"the split behavior '{node.Text()}'", string.Join(", ", Enum.GetNames<CutBehavior>()));

    /// <summary>Cuts at the matches (at what lies between them, when inverted).</summary>
    private static List<Piece> Cut(Piece piece, UnicodePattern pattern, CutBehavior behavior, bool invert)
    {
        var spans = new List<(int Start, int Length, bool IsMatch)>();
        var end = 0;
        foreach (var (start, length) in pattern.Matches(piece.Text))
        {
            if (start > end) spans.Add((end, start - end, invert));
            spans.Add((start, length, !invert));
            end = start + length;
        }

        if (piece.Text.Length > end) spans.Add((end, piece.Text.Length - end, invert));
        var pieces = new List<Piece>();
        for (var i = 0; i < spans.Count; i++)
        {
            var (start, length, isMatch) = spans[i];
            if (behavior == CutBehavior.Removed && isMatch) continue;
            // A match joins one neighbour that is none.
            if (behavior == CutBehavior.MergedWithNext && isMatch && i + 1 < spans.Count && !spans[i + 1].IsMatch) length += spans[++i].Length;
            else if (behavior == CutBehavior.MergedWithPrevious && !isMatch && i + 1 < spans.Count && spans[i + 1].IsMatch)
                length += spans[++i].Length;
            pieces.Add(new Piece(piece.Text.Substring(start, length), piece.IsStart && start == 0));
        }

        return pieces;
    }

    private enum CutBehavior
    {
        Isolated,
        Removed,
        MergedWithPrevious,
        MergedWithNext,
    }
}
