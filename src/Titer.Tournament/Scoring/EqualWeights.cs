namespace Titer.Tournament.Scoring;

/// <summary>Defenses under different names that released the same weights: one of them, or both, are somebody else's work.</summary>
internal static class EqualWeights
{
    /// <summary>One line for each set of defenses that share weights on some seed. Weights that are the undefended ones are said in their
    /// rows.</summary>
    public static IEnumerable<string> Of(PlayedCells played)
    {
        var released = played.Spec.Defenses.Where(d => d.Twin == 0).SelectMany(d => played.Released(d.Label)).ToArray();
        var undefended = played.Released(played.Undefended).Select(r => r.Hash).ToHashSet();
        return released.Where(r => !undefended.Contains(r.Hash)).GroupBy(r => r.Hash)
            .Select(g => (Names: string.Join(", ", g.Select(r => r.Defense).Distinct()), Defenses: g.Select(r => r.Defense).Distinct().Count(),
                Seeds: g.Select(r => r.Seed).Distinct()))
            .Where(g => g.Defenses > 1).GroupBy(g => g.Names)
            .Select(g => $"TITER705 {g.Key} released the same weights, bit for bit (seed "
                + $"{string.Join(", ", g.SelectMany(s => s.Seeds).Distinct().Order())}): one defense under several names.");
    }
}
