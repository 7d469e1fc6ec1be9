using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// Byte-level BPE (Radford et al. 2019; Sennrich et al. 2016, arXiv 1508.07909) of a <c>tokenizer.json</c>. Splitting is done here, since the library knows only
/// splitting of its own; merging is the library's. Control tokens are in no merge, so no text becomes one.
/// </summary>
internal sealed class ByteLevelText : ITextTokenizer
{
    private static readonly char[] Symbols = SymbolsOfBytes();
    private static readonly Dictionary<char, byte> Bytes = Symbols.Index().ToDictionary(s => s.Item, s => (byte)s.Index);
    private readonly TokenizerJson _file;
    private readonly BpeTokenizer _merger;
    private readonly Dictionary<int, string> _texts;
    private readonly HashSet<int> _control;

    /// <exception cref="CheckpointException">The files are not a tokenizer, or lack a byte or the end token.</exception>
    public ByteLevelText(string folder)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        _file = TokenizerJson.Read(path);
        if (Symbols.FirstOrDefault(s => !_file.Vocabulary.ContainsKey(s.ToString())) is not '\0' and var missing)
            throw new CheckpointException($"TITER462 {path}: the vocabulary lacks byte {Bytes[missing]}: it could not write every text. Download it again.");
        // Each piece is a piece already; the library's own splitting would drop white space.
        _merger = BpeTokenizer.Create(new BpeOptions(_file.Vocabulary.Where(v => !_file.Added.ContainsKey(v.Key)))
        {
            Merges = _file.Merges,
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(new Regex(@"[\s\S]+", RegexOptions.None, TimeSpan.FromSeconds(10)), null),
        });
        _texts = _file.Vocabulary.ToDictionary(v => v.Value, v => v.Key);
        _control = [.. _file.Added.Values];
        Control = ControlOf(folder);
    }

    public ControlTokens Control { get; }

    public int[] Encode(string text)
    {
        if (text.Length == 0) return [];
        if (_file.ComposesUnicode) text = text.Normalize(NormalizationForm.FormC);
        if (_file.AddsPrefixSpace && !char.IsWhiteSpace(text[0])) text = " " + text;
        IEnumerable<string> pieces = [text];
        foreach (var split in _file.Splits) pieces = pieces.SelectMany(piece => Isolate(split, piece));
        return [.. pieces.SelectMany(Merge)];
    }

    public string Decode(IReadOnlyList<int> ids)
    {
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            if (_control.Contains(id) || !_texts.TryGetValue(id, out var token)) continue;
            foreach (var symbol in token) bytes.Add(Bytes[symbol]);
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private IReadOnlyList<int> Merge(string piece)
    {
        if (_file.IgnoresMerges && _file.Vocabulary.TryGetValue(Spelled(piece), out var whole) && !_control.Contains(whole)) return [whole];
        return _merger.EncodeToIds(piece);
    }

    private static IEnumerable<string> Isolate(Regex split, string text)
    {
        var at = 0;
        foreach (Match match in split.Matches(text))
        {
            if (match.Index > at) yield return text[at..match.Index];
            if (match.Length > 0) yield return match.Value;
            at = match.Index + match.Length;
        }

        if (at < text.Length) yield return text[at..];
    }

    /// <summary>A text's bytes as the characters that the vocabulary spells them with.</summary>
    private static string Spelled(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => Symbols[b]));

    private ControlTokens ControlOf(string folder)
    {
        var path = Path.Combine(folder, "tokenizer_config.json");
        if (!File.Exists(path)) throw new CheckpointException($"TITER463 {folder} has no tokenizer_config.json, which names the end token. Download it too.");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            var (begin, end, padding) = (Named(root, "bos_token"), Named(root, "eos_token"), Named(root, "pad_token"));
            if (end is null) throw new CheckpointException($"TITER463 {path} names no eos_token: an answer could not end. Check the file against its source.");
            var begins = root.TryGetProperty("add_bos_token", out var adds) && adds.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? adds.GetBoolean() : begin is not null && _file.PostProcessorTexts.Contains(begin);
            // Padding carries no loss and is never seen: the end token serves where there is none.
            return new ControlTokens(begins && begin is not null ? IdOf(path, begin) : null, IdOf(path, end), IdOf(path, padding ?? end));
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"TITER463 {path} is not a tokenizer configuration: {e.Message}", e);
        }
    }

    private static string? Named(JsonElement root, string key) => !root.TryGetProperty(key, out var token) ? null
        : token.ValueKind == JsonValueKind.String ? token.GetString()
        : token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out var content) ? content.GetString() : null;

    private int IdOf(string path, string token) => _file.Added.TryGetValue(token, out var id) || _file.Vocabulary.TryGetValue(token, out id)
        ? id
        : throw new CheckpointException($"TITER463 {path} names the token '{token}', which tokenizer.json does not have. The two files are not of the same model.");

    /// <summary>GPT-2's spelling of bytes: printable Latin-1 as itself, the others moved up to U+0100 and on.</summary>
    private static char[] SymbolsOfBytes()
    {
        var symbols = new char[256];
        var next = 256;
        for (var b = 0; b < 256; b++) symbols[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : (char)next++;
        return symbols;
    }
}
