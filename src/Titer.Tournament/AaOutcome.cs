using Titer.Tournament.Statistics;

namespace Titer.Tournament;

/// <summary>Twins are the same defense: a tournament that tells them apart takes noise for skill.</summary>
/// <param name="Pairs">Pairs of twins.</param>
/// <param name="Different">Those called different at 5%, uncorrected: about one in twenty is expected of an honest test.</param>
public sealed record AaOutcome(int Pairs, int Different, IReadOnlyList<DefenseComparison> Twins)
{
    private const double Level = 0.05;

    /// <summary>There are enough runs for some pair to come out different at all.</summary>
    public bool CouldDiffer { get; private init; } = true;

    internal static AaOutcome Of(TournamentSpec spec, IReadOnlyList<DefenseComparison> comparisons)
    {
        var originals = spec.Defenses.ToDictionary(d => d.Label,
            d => (d.Id, d.ContentHash, Options: string.Join(' ', d.Options.Select(o => $"{o.Key}={o.Value}"))));
        var twins = comparisons.Where(c => originals[c.First] == originals[c.Second]).ToArray();
        var smallest = PermutationTest.SmallestPValue(spec.Seeds.Count, spec.Seeds.Count);
        return new AaOutcome(twins.Length, twins.Count(t => t.PValue < Level), twins) { CouldDiffer = smallest < Level };
    }
}
