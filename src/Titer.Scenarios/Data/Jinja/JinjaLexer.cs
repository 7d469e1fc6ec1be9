using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Titer.Scenarios.Data.Jinja;

internal enum JinjaTokenKind
{
    /// <summary>What stands outside of all tags.</summary>
    Text,
    BlockStart,
    BlockEnd,
    OutputStart,
    OutputEnd,
    Name,
    Quoted,
    Whole,
    Decimal,
    Symbol,
    End,
}

/// <param name="Text">A name, a symbol, or what a quoted text spells.</param>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text);

/// <summary>
/// Cuts a template into tokens with the settings that Transformers renders chat templates with:
/// <c>trim_blocks</c>, <c>lstrip_blocks</c>, and no newline at the very end.
/// </summary>
internal static partial class JinjaLexer
{
    private static readonly string[] Symbols = ["**", "//", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|", "=", "<", ">",
        "+", "-", "*", "/", "%", "~"];

    public static List<JinjaToken> Tokens(string template)
    {
        template = template.ReplaceLineEndings("\n");
        if (template.EndsWith('\n')) template = template[..^1];
        var (tokens, at, strips) = (new List<JinjaToken>(), 0, false);
        while (at < template.Length)
        {
            var tag = TagStart().Match(template, at);
            var text = tag.Success ? template[at..tag.Index] : template[at..];
            if (strips) text = text.TrimStart();
            if (tag.Success && tag.Groups["sign"].Value == "-") text = text.TrimEnd();
            else if (tag.Success && tag.Groups["sign"].Value != "+" && tag.Value[1] != '{')
                text = WithoutIndentation(text, at == 0 || text.Length < tag.Index - at || StartsLine(template, at));
            if (text.Length > 0) tokens.Add(new JinjaToken(JinjaTokenKind.Text, text));
            if (!tag.Success) break;
            at = tag.Index + tag.Length;
            switch (tag.Value[1])
            {
                case '#':
                    var close = template.IndexOf("#}", at, StringComparison.Ordinal);
                    if (close < 0) throw new JinjaException("has a comment without an end");
                    strips = template[close - 1] == '-';
                    at = AfterTag(template, close + 2, isBlock: true);
                    break;
                case '%' when Raw().Match(template, tag.Index) is { Success: true } raw:
                    tokens.Add(new JinjaToken(JinjaTokenKind.Text, raw.Groups["body"].Value));
                    (at, strips) = (AfterTag(template, raw.Index + raw.Length, isBlock: true), false);
                    break;
                default:
                    (at, strips) = Inside(template, at, tag.Value[1] == '%', tokens);
                    break;
            }
        }

        tokens.Add(new JinjaToken(JinjaTokenKind.End, ""));
        return tokens;
    }

    private static bool StartsLine(string template, int at) => at == 0 || template[at - 1] == '\n';

    /// <summary>Spaces and tabs between the start of the line and a block tag.</summary>
    private static string WithoutIndentation(string text, bool startsLine)
    {
        var bare = text.TrimEnd(' ', '\t');
        return bare.EndsWith('\n') || (bare.Length == 0 && startsLine) ? bare : text;
    }

    private static int AfterTag(string template, int at, bool isBlock) => isBlock && at < template.Length && template[at] == '\n' ? at + 1 : at;

    private static (int At, bool Strips) Inside(string template, int at, bool isBlock, List<JinjaToken> tokens)
    {
        var close = isBlock ? "%}" : "}}";
        tokens.Add(new JinjaToken(isBlock ? JinjaTokenKind.BlockStart : JinjaTokenKind.OutputStart, ""));
        var depth = 0;
        while (true)
        {
            while (at < template.Length && char.IsWhiteSpace(template[at])) at++;
            if (at >= template.Length) throw new JinjaException("has a tag without an end");
            if (depth == 0)
            {
                foreach (var sign in (string[])["-", "+", ""])
                {
                    if (string.CompareOrdinal(template, at, sign + close, 0, sign.Length + 2) != 0) continue;
                    tokens.Add(new JinjaToken(isBlock ? JinjaTokenKind.BlockEnd : JinjaTokenKind.OutputEnd, ""));
                    at += sign.Length + 2;
                    return (sign == "-" ? at : AfterTag(template, at, isBlock && sign.Length == 0), sign == "-");
                }
            }

            var (token, length) = Next(template, at);
            if (token.Kind == JinjaTokenKind.Symbol) depth += token.Text is "{" ? 1 : token.Text is "}" ? -1 : 0;
            tokens.Add(token);
            at += length;
        }
    }

    private static (JinjaToken, int) Next(string template, int at)
    {
        if (template[at] is '\'' or '"') return QuotedText(template, at);
        if (Number().Match(template, at) is { Success: true } number)
            return (new JinjaToken(number.Value.Contains('.', StringComparison.Ordinal) ? JinjaTokenKind.Decimal : JinjaTokenKind.Whole,
                number.Value.Replace("_", "", StringComparison.Ordinal)), number.Length);
        if (Name().Match(template, at) is { Success: true } name) return (new JinjaToken(JinjaTokenKind.Name, name.Value), name.Length);
        return Symbols.FirstOrDefault(symbol => string.CompareOrdinal(template, at, symbol, 0, symbol.Length) == 0) is { } found
            ? (new JinjaToken(JinjaTokenKind.Symbol, found), found.Length)
            : throw new JinjaException($"has the character '{template[at]}' in a tag, which is not known");
    }

    private static (JinjaToken, int) QuotedText(string template, int start)
    {
        var text = new StringBuilder();
        for (var at = start + 1; at < template.Length; at++)
        {
            if (template[at] == template[start]) return (new JinjaToken(JinjaTokenKind.Quoted, text.ToString()), at + 1 - start);
            if (template[at] != '\\' || at + 1 == template.Length)
            {
                text.Append(template[at]);
                continue;
            }

            var escaped = template[++at];
            var digits = escaped switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits > 0)
            {
                if (at + digits >= template.Length
                    || !int.TryParse(template.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point)
                    || !Rune.IsValid(point))
                    throw new JinjaException($"has an escape '\\{escaped}' that is none");
                text.Append(new Rune(point));
                at += digits;
                continue;
            }

            text.Append(escaped switch
            {
                'n' => "\n",
                't' => "\t",
                'r' => "\r",
                '0' => "\0",
                'b' => "\b",
                'f' => "\f",
                'v' => "\v",
                'a' => "\a",
                '\n' => "",
                '\\' or '\'' or '"' => escaped.ToString(),
                _ => "\\" + escaped,
            });
        }

        throw new JinjaException("has a quoted text without an end");
    }

    [GeneratedRegex(@"\{[{%#](?<sign>[-+]?)", RegexOptions.CultureInvariant)]
    private static partial Regex TagStart();

    [GeneratedRegex(@"\G\{%[-+]?\s*raw\s*[-+]?%\}(?<body>.*?)\{%[-+]?\s*endraw\s*[-+]?%\}", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Raw();

    [GeneratedRegex(@"\G[0-9][0-9_]*(\.[0-9]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"\G[\p{L}_][\p{L}\p{N}_]*", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
