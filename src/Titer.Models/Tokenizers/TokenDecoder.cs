using System.Globalization;
using System.Text;

namespace Titer.Models.Tokenizers;

/// <summary>The <c>decoder</c> of a <c>tokenizer.json</c>: tokens back to text.</summary>
internal sealed class TokenDecoder
{
    private const string Supported = "ByteLevel, Metaspace, Replace, ByteFallback, Fuse, Strip, Sequence";
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly IReadOnlyList<Func<IReadOnlyList<string>, IReadOnlyList<string>>> _steps;

    private TokenDecoder(IReadOnlyList<Func<IReadOnlyList<string>, IReadOnlyList<string>>> steps) => _steps = steps;

    /// <param name="isByteLevel">How tokens are spelled where the file has no decoder.</param>
    public static TokenDecoder Read(JsonPart? node, bool isByteLevel) =>
        new([.. node is { } part ? Steps(part) : isByteLevel ? [ByteLevel] : [tokens => [string.Join(' ', tokens)]]]);

    public string Decode(IEnumerable<string> tokens) =>
        string.Concat(_steps.Aggregate((IReadOnlyList<string>)[.. tokens], (current, step) => step(current)));

    private static IEnumerable<Func<IReadOnlyList<string>, IReadOnlyList<string>>> Steps(JsonPart node)
    {
        switch (node.Text("type"))
        {
            case "Sequence":
                return node.Required("decoders").Items().SelectMany(Steps);
            case "ByteLevel":
                return [ByteLevel];
            case "Fuse":
                return [tokens => [string.Concat(tokens)]];
            case "ByteFallback":
                return [Bytes];
            case "Replace":
                var (pattern, content) = (UnicodePattern.Read(node.Required("pattern"), "TITER464"), node.Text("content"));
                return [tokens => [.. tokens.Select(token => pattern.Replace(token, content))]];
            case "Strip":
                var (stripped, start, stop) = (node.Text("content"), node.Required("start").Whole(), node.Required("stop").Whole());
                return [tokens => [.. tokens.Select(token => Strip(token, stripped, start, stop))]];
            case "Metaspace":
                var space = node.Text("replacement");
                var prepends = (node.Optional("prepend_scheme")?.Text() ?? (node.Flag("add_prefix_space", true) ? "always" : "never")) != "never";
                return [tokens => [.. tokens.Select((token, i) => token.Replace(space, i == 0 && prepends ? "" : " ", StringComparison.Ordinal))]];
            case var other:
                return node.Unsupported<IEnumerable<Func<IReadOnlyList<string>, IReadOnlyList<string>>>>("TITER464", $"the decoder '{other}'",
                    Supported);
        }
    }

    private static string[] ByteLevel(IReadOnlyList<string> tokens) => [Encoding.UTF8.GetString([.. tokens.SelectMany(ByteLevelAlphabet.BytesOf)])];

    private static string Strip(string token, string content, int start, int stop)
    {
        for (; start > 0 && token.StartsWith(content, StringComparison.Ordinal); start--) token = token[content.Length..];
        for (; stop > 0 && token.EndsWith(content, StringComparison.Ordinal); stop--) token = token[..^content.Length];
        return token;
    }

    /// <summary>Runs of byte tokens become their text; a run that is not UTF-8 becomes a replacement character per byte.</summary>
    private static List<string> Bytes(IReadOnlyList<string> tokens)
    {
        var (result, run) = (new List<string>(), new List<byte>());
        foreach (var token in tokens)
        {
            if (token is ['<', '0', 'x', _, _, '>']
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                run.Add(value);
                continue;
            }

            Flush();
            result.Add(token);
        }

        Flush();
        return result;

        void Flush()
        {
            if (run.Count == 0) return;
            try
            {
                result.Add(Strict.GetString([.. run]));
            }
            catch (DecoderFallbackException)
            {
                result.Add(new string('\uFFFD', run.Count));
            }

            run.Clear();
        }
    }
}
