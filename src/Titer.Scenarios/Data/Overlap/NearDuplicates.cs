namespace Titer.Scenarios.Data.Overlap;

/// <summary>
/// Texts that are nearly the same: MinHash signatures in bands find candidates (Broder 1997; Leskovec, Rajaraman and Ullman 2020, chapter 3), the
/// Jaccard index of their shingles decides. With 16 bands of 4, a pair at the threshold is missed with a probability under 1 in 1000.
/// </summary>
internal sealed class NearDuplicates
{
    /// <summary>Jaccard index from which on two texts are nearly the same.</summary>
    public const double Threshold = 0.8;

    private const int Bands = 16;
    private const int RowsOfBand = 4;

    private readonly List<HashSet<ulong>> _texts = [];
    private readonly Dictionary<ulong, List<int>>[] _bands = [.. Enumerable.Range(0, Bands).Select(_ => new Dictionary<ulong, List<int>>())];

    /// <summary>The number of an earlier text that this one is nearly the same as, the likest; null when there is none.</summary>
    public int? Find(string text)
    {
        var runs = Shingles.Of(text);
        var keys = Keys(runs);
        var candidates = Enumerable.Range(0, Bands).SelectMany(b => _bands[b].GetValueOrDefault(keys[b]) ?? []).Distinct();
        var (best, likest) = ((int?)null, 0.0);
        foreach (var candidate in candidates)
        {
            var likeness = Shingles.Jaccard(runs, _texts[candidate]);
            if (likeness >= Threshold && likeness > likest) (best, likest) = (candidate, likeness);
        }

        return best;
    }

    /// <summary>Remembers a text under the next number, from 0 on.</summary>
    public void Add(string text)
    {
        var runs = Shingles.Of(text);
        var keys = Keys(runs);
        for (var band = 0; band < Bands; band++)
        {
            if (!_bands[band].TryGetValue(keys[band], out var members)) _bands[band][keys[band]] = members = [];
            members.Add(_texts.Count);
        }

        _texts.Add(runs);
    }

    /// <summary>One key a band, of the smallest hashes under its permutations.</summary>
    private static ulong[] Keys(HashSet<ulong> runs)
    {
        var keys = new ulong[Bands];
        for (var band = 0; band < Bands; band++)
        {
            for (var row = 0; row < RowsOfBand; row++)
            {
                var seed = (ulong)((band * RowsOfBand) + row + 1);
                keys[band] = Mixed(keys[band] ^ runs.Min(run => Mixed(run + (seed * 0x9E3779B97F4A7C15))));
            }
        }

        return keys;
    }

    /// <summary>SplitMix64's finalizer: a permutation of 64 bits.</summary>
    private static ulong Mixed(ulong x)
    {
        unchecked
        {
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }
}
