using System.Text;

namespace Titer.Models.Tests.Tokenizers;

/// <summary>
/// Byte-pair encoding as its papers tell it, written without the product's code, without regular
/// expressions and without speed: the lowest-ranked pair
/// is merged everywhere, again and again.
/// </summary>
internal sealed class NaiveBytePairs(IReadOnlyList<string> vocabulary, IReadOnlyList<(string Left, string Right)> merges)
{
    private readonly Dictionary<string, int> _ids = vocabulary.Select((token, id) => (token, id))
        .ToDictionary(p => p.token, p => p.id, StringComparer.Ordinal);

    public IReadOnlyList<string> Vocabulary => vocabulary;

    public IReadOnlyList<(string Left, string Right)> Merges => merges;

    /// <summary>Learns merges from a text: always the most frequent pair, the first in ordinal order when several are.</summary>
    public static NaiveBytePairs Learn(IReadOnlyList<string> alphabet, IEnumerable<string[]> pieces, int count)
    {
        var words = pieces.Select(p => p.ToList()).ToList();
        var (vocabulary, merges) = (alphabet.ToList(), new List<(string, string)>());
        while (merges.Count < count)
        {
            var best = words.SelectMany(w => w.Zip(w.Skip(1))).CountBy(p => p)
                .OrderByDescending(p => p.Value).ThenBy(p => p.Key.First, StringComparer.Ordinal).ThenBy(p => p.Key.Second, StringComparer.Ordinal)
                .First().Key;
            merges.Add(best);
            if (!vocabulary.Contains(best.First + best.Second)) vocabulary.Add(best.First + best.Second);
            foreach (var word in words) Join(word, best);
        }

        return new NaiveBytePairs(vocabulary, merges);
    }

    public int[] Encode(IEnumerable<string> symbols)
    {
        var word = symbols.ToList();
        while (true)
        {
            var pairs = word.Zip(word.Skip(1)).ToHashSet();
            if (merges.FirstOrDefault(pairs.Contains) is not { Left: not null } first) return [.. word.Select(token => _ids[token])];
            Join(word, first);
        }
    }

    public static string[] Bytes(string text) => [.. Encoding.UTF8.GetBytes(text).Select(Letter)];

    /// <summary>GPT-2's letter of a byte.</summary>
    public static string Letter(byte value)
    {
        bool IsVisible(int b) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
        return IsVisible(value) ? ((char)value).ToString() : ((char)(256 + Enumerable.Range(0, value).Count(b => !IsVisible(b)))).ToString();
    }

    private static void Join(List<string> word, (string Left, string Right) pair)
    {
        for (var i = 0; i + 1 < word.Count; i++)
        {
            if (word[i] != pair.Left || word[i + 1] != pair.Right) continue;
            word[i] += word[i + 1];
            word.RemoveAt(i + 1);
        }
    }
}
