using System.Globalization;
using System.Text;
using Titer.Scenarios.Metrics.Text;
using Titer.Sdk;

namespace Titer.Scenarios.Metrics;

/// <summary>
/// A guard against broken models: above 0.5 for ordinary text of any language, code and tables; below for empty,
/// repeated and random text. The score is the least of six parts, each clipped to [0, 1]:
/// <list type="bullet">
/// <item>printable: (share of printable characters - 0.7) / 0.2;</item>
/// <item>letters: share of letters, marks and digits among what is not white space / 0.2; 0 below two of them;</item>
/// <item>distinct: share of different ones among all runs of three tokens / 0.6;</item>
/// <item>runs: 1 - length of the longest run of one token less 1 / tokens, from three on; and 1 - 2 *
/// longest run of one letter / letters, from five on;</item>
/// <item>word length: (mean - 1) / 0.8, and (30 - mean) / 15, over words of spaced scripts;</item>
/// <item>letter pairs: 1 - rare pairs / (pairs + 6) / 0.3, over words in Latin letters (<see cref="LatinPairs"/>).</item>
/// </list>
/// A token is a word or, in scripts without spaces, a character. Known false alarms: one-character answers, formulas of
/// one-letter names, a list of equal lines, base64 and hex dumps, text of abbreviations, tongue twisters without vowels. Known misses: well-formed
/// nonsense, shuffled words, random letters of other scripts than Latin, one in six strings of random printable characters.
/// </summary>
public sealed class Coherence : IMetric
{
    public double[] Score(MetricContext context) => [.. context.Answers.Select(Score)];

    public static double Score(string text)
    {
        var tokens = WordTokens.Of(text);
        double[] parts = [Printable(text), Letters(text), Distinct(tokens), 1 - TokenRun(tokens), 1 - LetterRun(text), WordLength(tokens),
            Pairs(tokens)];
        return Math.Clamp(parts.Min(), 0, 1);
    }

    private static double Printable(string text)
    {
        var (good, all) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            all++;
            if (rune.Value is '\n' or '\t' or '\r' || (rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not
                (UnicodeCategory.Control or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate))) good++;
        }

        return all == 0 ? 0 : ((double)good / all - 0.7) / 0.2;
    }

    private static double Letters(string text)
    {
        var visible = text.EnumerateRunes().Where(r => !Rune.IsWhiteSpace(r)).ToArray();
        var letters = visible.Count(WordTokens.IsWordPart);
        return letters < 2 ? 0 : (double)letters / visible.Length / 0.2;
    }

    private static double Distinct(IReadOnlyList<string> tokens)
    {
        if (tokens.Count < 3) return 1;
        var seen = new HashSet<(string, string, string)>();
        for (var i = 2; i < tokens.Count; i++) seen.Add((tokens[i - 2], tokens[i - 1], tokens[i]));
        return seen.Count / (tokens.Count - 2.0) / 0.6;
    }

    private static double TokenRun(IReadOnlyList<string> tokens) => LongestRun(tokens) is >= 3 and var run ? (run - 1.0) / tokens.Count : 0;

    private static double LetterRun(string text)
    {
        var letters = text.EnumerateRunes().Where(WordTokens.IsWordPart).ToArray();
        return LongestRun(letters) is >= 5 and var run ? 2.0 * run / letters.Length : 0;
    }

    private static double WordLength(IReadOnlyList<string> tokens)
    {
        var words = tokens.Where(t => t.EnumerateRunes().All(r => Rune.IsLetter(r) && !WordTokens.IsUnspaced(r))).ToArray();
        if (words.Length < 3) return words.Length > 0 && words.Max(w => w.Length) > 60 ? 0 : 1;
        var mean = words.Average(w => w.Length);
        return Math.Min((mean - 1) / 0.8, (30 - mean) / 15);
    }

    private static double Pairs(IReadOnlyList<string> tokens)
    {
        var (rare, all) = LatinPairs.Count(tokens);
        return 1 - rare / (all + 6.0) / 0.3;
    }

    private static int LongestRun<T>(IReadOnlyList<T> items)
        where T : IEquatable<T>
    {
        var (longest, run) = (0, 0);
        for (var i = 0; i < items.Count; i++)
        {
            run = i > 0 && items[i].Equals(items[i - 1]) ? run + 1 : 1;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
