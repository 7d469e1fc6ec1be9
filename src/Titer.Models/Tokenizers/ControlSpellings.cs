namespace Titer.Models.Tokenizers;

/// <summary>The control tokens of a tokenizer by their first character, longest first.</summary>
internal sealed class ControlSpellings
{
    private readonly Dictionary<char, (string Text, int Id)[]> _tokens;

    public ControlSpellings(IEnumerable<KeyValuePair<string, int>> tokens) =>
        _tokens = tokens.Where(token => token.Key.Length > 0).GroupBy(token => token.Key[0])
            .ToDictionary(group => group.Key,
                group => group.Select(token => (token.Key, token.Value)).OrderByDescending(token => token.Key.Length).ToArray());

    public (int Length, int Id)? At(ReadOnlySpan<char> text)
    {
        if (text.Length == 0 || !_tokens.TryGetValue(text[0], out var tokens)) return null;
        foreach (var (spelling, id) in tokens)
            if (text.StartsWith(spelling, StringComparison.Ordinal)) return (spelling.Length, id);
        return null;
    }
}
