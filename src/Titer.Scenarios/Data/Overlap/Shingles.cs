using System.Globalization;
using System.Text;

namespace Titer.Scenarios.Data.Overlap;

/// <summary>
/// A text as the set of its runs of words (Broder 1997, "On the resemblance and containment of documents"): two texts are alike by the Jaccard
/// index of their sets. Case, punctuation and white space do not count.
/// </summary>
internal static class Shingles
{
    /// <summary>Words of a run; a shorter text is one run.</summary>
    public const int Words = 3;

    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    public static HashSet<ulong> Of(string text)
    {
        ulong[] words = [.. Split(text).Select(Hash)];
        var runs = new HashSet<ulong>();
        for (var i = 0; i < Math.Max(1, words.Length - Words + 1); i++)
            runs.Add(words.Skip(i).Take(Words).Aggregate(FnvOffset, (hash, word) => unchecked((hash ^ word) * FnvPrime)));
        return runs;
    }

    /// <summary>|A and B| / |A or B|.</summary>
    public static double Jaccard(IReadOnlySet<ulong> a, IReadOnlySet<ulong> b)
    {
        var (small, large) = a.Count < b.Count ? (a, b) : (b, a);
        var both = small.Count(large.Contains);
        return (double)both / (a.Count + b.Count - both);
    }

    /// <summary>FNV-1a of a word's code units.</summary>
    private static ulong Hash(string word) => word.Aggregate(FnvOffset, (hash, c) => unchecked((hash ^ c) * FnvPrime));

    private static IEnumerable<string> Split(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in text.Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark)
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
                continue;
            }

            if (word.Length > 0) yield return word.ToString();
            word.Clear();
        }

        if (word.Length > 0) yield return word.ToString();
    }
}
