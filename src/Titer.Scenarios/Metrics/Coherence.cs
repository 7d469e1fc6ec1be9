using System.Globalization;
using Titer.Sdk;

namespace Titer.Scenarios.Metrics;

/// <summary>
/// A guard for ordinary text, in [0, 1]: the product of four parts, each 1 for sound text of any language. It knows nothing of meaning: fluent
/// nonsense passes. Judges are unreliable on broken text (PAPERS: collapse masquerading as safety), so it is asked first.
/// </summary>
/// <remarks>
/// Parts: distinct 3-grams of words over all of them, scaled so that half is full marks (of characters where words are not separated by spaces); no run of one
/// character beyond 8 of letters; printable characters; and letters that look like words: between a fifth and four fifths vowels in Latin letters,
/// and words of at most 15 letters on average. Known to pass: fluent nonsense, copied text. Known to fail: long lists of one repeated item, base64.
/// </remarks>
public sealed class Coherence : IMetric
{
    private const int LongestRun = 8;
    private const double LongestMeanWord = 15;
    private const string Vowels = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœāēīōūąęőűıяаеёиоуыэюієїαεηιουωάέήίόύώ";

    public double[] Score(MetricContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return [.. context.Answers.Select(Score)];
    }

    public static double Score(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        return trimmed.Length < 2 ? 0 : Math.Clamp(Variety(trimmed) * Runs(trimmed) * Printable(trimmed) * Words(trimmed), 0, 1);
    }

    private static double Variety(string text)
    {
        var words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        // Without spaces a whole paragraph is one word: then characters are what repeats.
        string[] units = words.Length >= 4 ? words : [.. text.Where(c => !char.IsWhiteSpace(c)).Select(c => c.ToString())];
        if (units.Length < 6) return units.Distinct().Count() > 1 || units.Length == 1 ? 1 : 0;
        var grams = Enumerable.Range(0, units.Length - 2).Select(i => (units[i], units[i + 1], units[i + 2])).ToArray();
        return Math.Min(1, 2.0 * grams.Distinct().Count() / grams.Length);
    }

    private static double Runs(string text)
    {
        var (longest, run) = (1, 1);
        for (var i = 1; i < text.Length; i++)
        {
            run = text[i] == text[i - 1] && char.IsLetterOrDigit(text[i]) ? run + 1 : 1;
            longest = Math.Max(longest, run);
        }

        return longest <= LongestRun ? 1 : (double)LongestRun / longest;
    }

    /// <summary>Control, private and broken characters weigh ten times: one in ten is enough to fail.</summary>
    private static double Printable(string text)
    {
        var broken = text.Count(c => c == '\uFFFD' || (char.IsControl(c) && c is not ('\n' or '\r' or '\t')) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
        return Math.Max(0, 1 - 10.0 * broken / text.Length);
    }

    private static double Words(string text)
    {
        var meaningful = text.Count(char.IsLetterOrDigit) / (double)text.Count(c => !char.IsWhiteSpace(c));
        var share = Math.Min(1, meaningful / 0.5);
        var letters = text.ToLowerInvariant().Where(char.IsLetter).ToArray();
        var cased = letters.Where(c => c < '\u0530').ToArray();
        // Scripts without vowel letters, and without spaces, are left alone.
        if (cased.Length < 12 || cased.Length < letters.Length / 2) return share;
        var vowels = cased.Count(c => Vowels.Contains(c, StringComparison.Ordinal)) / (double)cased.Length;
        var mean = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Average(w => (double)w.Length);
        return share * Math.Clamp(Math.Min(vowels / 0.2, (1 - vowels) / 0.2), 0, 1) * Math.Min(1, LongestMeanWord / mean);
    }
}
