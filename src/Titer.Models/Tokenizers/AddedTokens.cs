using System.Text.RegularExpressions;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// The <c>added_tokens</c> of a <c>tokenizer.json</c>. Those that are special, or spelled like markup
/// (<c>&lt;...&gt;</c>, <c>[...]</c>) whatever their flag says, are
/// control tokens: text never becomes one. The others (runs of spaces, for example) are words, found in text before anything else.
/// </summary>
internal sealed class AddedTokens
{
    /// <summary>What slow tokenizers save beside their vocabulary: ids by token.</summary>
    public const string FileName = "added_tokens.json";

    private readonly Dictionary<string, int> _control = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (bool Left, bool Right)> _swallowing = [];

    /// <summary>As they stand in a text.</summary>
    private readonly Dictionary<string, int> _spelled = new(StringComparer.Ordinal);
    private readonly Regex? _raw;
    private readonly Regex? _normalized;

    private AddedTokens(IEnumerable<(JsonPart Place, string Content, int Id, bool Special, bool Normalized)> tokens, TextNormalizer normalizer)
    {
        var (raw, normalized) = (new List<string>(), new List<string>());
        foreach (var token in tokens)
        {
            if (token.Special || IsMarkup(token.Content))
            {
                _control[token.Content] = token.Id;
                if ((token.Place.Flag("lstrip", false), token.Place.Flag("rstrip", false)) is var around && around != (false, false))
                    _swallowing[token.Id] = around;
                continue;
            }

            if (token.Content.Length == 0) throw token.Place.Malformed("is an empty token");
            // Which spaces around a word it swallows is a matter of HF's own scanner; none of the supported families asks for it.
            foreach (var flag in (string[])["lstrip", "rstrip", "single_word"])
                if (token.Place.Flag(flag, false))
                    throw new CheckpointException(
                        $"TITER471 {token.Place.File}: {token.Place.Place} is a word with '{flag}', which is not supported. Use a checkpoint "
                            + "without it.");
            // The reference normalizes the word as it does a text, a space in front included, and looks for that.
            var spelled = token.Normalized ? normalizer.Apply(token.Content, continues: false) : token.Content;
            if (spelled.Length == 0) throw token.Place.Malformed("is an empty token once it is normalized");
            (_words[token.Content], _spelled[spelled]) = (token.Id, token.Id);
            (token.Normalized ? normalized : raw).Add(spelled);
        }

        (_raw, _normalized) = (Any(raw), Any(normalized));
    }

    public IReadOnlyDictionary<string, int> Control => _control;

    public IReadOnlyDictionary<string, int> Words => _words;

    /// <summary>White space that a control token takes from the text around it.</summary>
    public (bool Left, bool Right) SwallowsAround(int id) => _swallowing.GetValueOrDefault(id);

    public static AddedTokens Read(JsonPart? node, TextNormalizer normalizer) => new(node is not { } list ? [] : list.Items().Select(item =>
        (item, item.Text("content"), item.Required("id").Whole(), item.Flag("special", false), item.Flag("normalized", true))), normalizer);

    /// <summary>The control tokens of an <c>added_tokens.json</c> in the same folder.</summary>
    /// <exception cref="CheckpointException">It has words too, which the slow tokenizer would look for in every text.</exception>
    public static IReadOnlyList<(string Token, int Id)> Beside(string path, ControlTokenNames names)
    {
        var file = Path.Combine(names.Folder, FileName);
        if (!File.Exists(file)) return [];
        (string Token, int Id)[] tokens = [.. JsonPart.Read(file).Members().Select(token => (token.Name, token.Value.Whole()))];
        return tokens.FirstOrDefault(token => !IsMarkup(token.Token) && !names.Names(token.Token)) is { Token: { } word }
            ? throw new CheckpointException(
                $"TITER466 {file} adds the word '{word}', which is not supported beside {Path.GetFileName(path)}. Add the checkpoint's "
                    + "tokenizer.json.")
            : tokens;
    }

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
            yield return (match.Value, _spelled[match.Value], match.Index);
            end = match.Index + match.Length;
        }

        if (text.Length > end) yield return (text[end..], null, end);
    }

    public static bool IsMarkup(string content) => content is ['<', .., '>'] or ['[', .., ']'];

    /// <summary>Leftmost, then longest.</summary>
    private static Regex? Any(List<string> words) => words.Count == 0
        ? null
        : new Regex(string.Join('|', words.OrderByDescending(w => w.Length).Select(Regex.Escape)), RegexOptions.CultureInvariant);
}
