using System.Globalization;
using System.Text.RegularExpressions;
using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// A regular expression over code points. .NET matches UTF-16 units, for which a letter outside the basic plane is two surrogates and no letter; so
/// each of them is matched as a stand-in of its general category, which is all that the patterns of tokenizers ask about.
/// </summary>
internal sealed class UnicodePattern
{
    private readonly Regex _regex;

    /// <summary>In the reference's syntax '^' and '$' are the ends of a line always.</summary>
    public UnicodePattern(string pattern) =>
        _regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled | RegexOptions.Multiline);

    public static UnicodePattern Read(JsonPart node, string code)
    {
        if (node.Optional("String") is { } text) return new UnicodePattern(Regex.Escape(text.Text()));
        var pattern = node.Text("Regex");
        // A set intersection means something else in .NET; possessive quantifiers and other foreign syntax are refused by its parser.
        if (pattern.Contains("&&", StringComparison.Ordinal))
            return node.Unsupported<UnicodePattern>(code, "a pattern with '&&'", "regular expressions that .NET reads the same way");
        if (HasClassInClass(pattern))
            return node.Unsupported<UnicodePattern>(code, "a pattern with a class inside a class (such as [[:alpha:]])",
                "regular expressions that .NET reads the same way");
        try
        {
            return new UnicodePattern(pattern);
        }
        catch (ArgumentException e)
        {
            throw new CheckpointException(
                $"{code} {node.File}: {node.Place} is a regular expression that is not supported: {e.Message} Use a checkpoint with another "
                    + "pattern.", e);
        }
    }

    /// <summary>The reference reads a named class or a union there, .NET a bracket and letters.</summary>
    private static bool HasClassInClass(string pattern)
    {
        var inside = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\') i++;
            else if (pattern[i] == '[' && inside) return true;
            else if (pattern[i] == '[')
                (inside, i) = (true, i + (pattern.AsSpan(i + 1).StartsWith("^]") ? 2 : pattern.AsSpan(i + 1).StartsWith("]") ? 1 : 0));
            else if (pattern[i] == ']') inside = false;
        }

        return false;
    }

    /// <summary>Places of all matches that are not empty, in order.</summary>
    public IEnumerable<(int Start, int Length)> Matches(string text)
    {
        if (!text.Any(char.IsSurrogate)) return _regex.Matches(text).Where(m => m.Length > 0).Select(m => (m.Index, m.Length));
        var units = new char[text.Length];
        var starts = new int[text.Length + 1];
        var count = 0;
        for (var i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
        {
            (units[count], starts[count]) = (char.IsSurrogatePair(text, i) ? StandIn(CharUnicodeInfo.GetUnicodeCategory(text, i)) : text[i], i);
            count++;
        }

        starts[count] = text.Length;
        return _regex.Matches(new string(units, 0, count)).Where(m => m.Length > 0)
            .Select(m => (starts[m.Index], starts[m.Index + m.Length] - starts[m.Index]));
    }

    public string Replace(string text, string content)
    {
        var (result, end) = (new System.Text.StringBuilder(), 0);
        foreach (var (start, length) in Matches(text))
        {
            result.Append(text, end, start - end).Append(content);
            end = start + length;
        }

        return result.Append(text, end, text.Length - end).ToString();
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => 'Ж',
        UnicodeCategory.LowercaseLetter => 'ж',
        UnicodeCategory.TitlecaseLetter => 'ǅ',
        UnicodeCategory.ModifierLetter => 'ʰ',
        UnicodeCategory.OtherLetter => 'א',
        UnicodeCategory.NonSpacingMark => '\u0316',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '٣',
        UnicodeCategory.LetterNumber => 'Ⅷ',
        UnicodeCategory.OtherNumber => '⑦',
        UnicodeCategory.ConnectorPunctuation => '‿',
        UnicodeCategory.DashPunctuation => '‒',
        UnicodeCategory.OpenPunctuation => '⁅',
        UnicodeCategory.ClosePunctuation => '⁆',
        UnicodeCategory.InitialQuotePunctuation => '‹',
        UnicodeCategory.FinalQuotePunctuation => '›',
        UnicodeCategory.OtherPunctuation => '‡',
        UnicodeCategory.MathSymbol => '∑',
        UnicodeCategory.CurrencySymbol => '₿',
        UnicodeCategory.ModifierSymbol => '˅',
        UnicodeCategory.OtherSymbol => '☃',
        UnicodeCategory.Format => '\u2061',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\uFFFF',
    };
}
