namespace Titer.Scenarios.Metrics.Text;

/// <summary>
/// Letter pairs that hardly occur inside words of the languages written in Latin letters (about a quarter of all pairs),
/// and the fifth and later consonants of a row. Letters drawn at random give about four in ten, words of a language under one in twenty-five.
/// </summary>
internal static class LatinPairs
{
    private static readonly Dictionary<char, string> RareAfter = new()
    {
        ['b'] = "cfgkpqxz", ['c'] = "bdfgjmpqvwx", ['d'] = "bcfkpqtx", ['f'] = "bcdghkmnpqvwxz", ['g'] = "bcfkpqvxz", ['h'] = "bcfgpqxz",
        ['j'] = "cqrwxyz", ['k'] = "bcfgpqxz",
        ['l'] = "qrxz", ['m'] = "chjqrvxz", ['n'] = "pqx", ['p'] = "bcdgkmqvxz", ['q'] = "bcdfghjklmnopqrstvwxyz", ['r'] = "qx", ['s'] = "qrx",
        ['t'] = "bdpqx",
        ['v'] = "bcfghmpqwxz", ['w'] = "bfgjpqvx", ['x'] = "bdfgjklmnqrsvwz", ['z'] = "fqrx",
    };

    public static (int Rare, int All) Count(IEnumerable<string> words)
    {
        var (rare, all) = (0, 0);
        foreach (var word in words.Select(FoldedText.Of))
        {
            if (word.Length < 2 || !word.All(char.IsAsciiLetterLower)) continue;
            var consonants = IsVowel(word[0]) ? 0 : 1;
            for (var i = 1; i < word.Length; i++)
            {
                consonants = IsVowel(word[i]) ? 0 : consonants + 1;
                all++;
                if (consonants >= 5 || (RareAfter.TryGetValue(word[i - 1], out var after) && after.Contains(word[i]))) rare++;
            }
        }

        return (rare, all);
    }

    private static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';
}
