using System.Text.RegularExpressions;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// The <c>added_tokens</c> of a <c>tokenizer.json</c>. Those that are special, or spelled like markup (<c>&lt;...&gt;</c>, <c>[...]</c>) whatever their flag says, are
/// control tokens: text never becomes one. The others (runs of spaces, for example) are words, found in text before anything else.
/// </summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<string, int> _control = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
    private readonly Regex? _raw;
    private readonly Regex? _normalized;

    private AddedTokens(IEnumerable<(JsonPart Place, string Content, int Id, bool Special, bool Normalized)> tokens)
    {
        var (raw, normalized) = (new List<string>(), new List<string>());
        foreach (var token in tokens)
        {
            if (token.Special || IsMarkup(token.Content))
            {
                _control[token.Content] = token.Id;
                continue;
            }

            if (token.Content.Length == 0) throw token.Place.Malformed("is an empty token");
            // Which spaces around a word it swallows is a matter of HF's own scanner; none of the supported families asks for it.
            foreach (var flag in (string[])["lstrip", "rstrip", "single_word"])
                if (token.Place.Flag(flag, false)) throw new CheckpointException($"TITER471 {token.Place.File}: {token.Place.Place} is a word with '{flag}', which is not supported. Use a checkpoint without it.");
            _words[token.Content] = token.Id;
            (token.Normalized ? normalized : raw).Add(token.Content);
        }

        (_raw, _normalized) = (Any(raw), Any(normalized));
    }

    public IReadOnlyDictionary<string, int> Control => _control;

    public IReadOnlyDictionary<string, int> Words => _words;

    public static AddedTokens Read(JsonPart? node) => new(node is not { } list ? [] : list.Items().Select(item =>
        (item, item.Text("content"), item.Required("id").Whole(), item.Flag("special", false), item.Flag("normalized", true))));

    /// <summary>Cuts a text at the words that are matched before (or after) it is normalized.</summary>
    public IEnumerable<(string Text, int? Id, int Start)> Split(string text, bool normalized)
    {
        if ((normalized ? _normalized : _raw) is not { } words)
        {
            yield return (text, null, 0);
            yield break;
        }

        var end = 0;
        foreach (var match in words.Matches(text).Cast<Match>())
        {
            if (match.Index > end) yield return (text[end..match.Index], null, end);
            yield return (match.Value, _words[match.Value], match.Index);
            end = match.Index + match.Length;
        }

        if (text.Length > end) yield return (text[end..], null, end);
    }

    private static bool IsMarkup(string content) => content is ['<', .., '>'] or ['[', .., ']'];

    /// <summary>Leftmost, then longest.</summary>
    private static Regex? Any(List<string> words) => words.Count == 0
        ? null
        : new Regex(string.Join('|', words.OrderByDescending(w => w.Length).Select(Regex.Escape)), RegexOptions.CultureInvariant);
}
