namespace Titer.Tournament;

/// <summary>Twins are the same defense: a tournament that tells them apart takes noise for skill.</summary>
/// <param name="Pairs">Pairs of twins.</param>
/// <param name="Different">Those called different at 5%, uncorrected: about one in twenty is expected of an honest test.</param>
public sealed record AaOutcome(int Pairs, int Different, IReadOnlyList<DefenseComparison> Twins)
{
    internal static AaOutcome Of(TournamentSpec spec, IReadOnlyList<DefenseComparison> comparisons)
    {
        var originals = spec.Defenses.ToDictionary(d => d.Label, d => (d.Id, d.ContentHash, Options: string.Join(' ', d.Options.Select(o => $"{o.Key}={o.Value}"))));
        var twins = comparisons.Where(c => originals[c.First] == originals[c.Second]).ToArray();
        return new AaOutcome(twins.Length, twins.Count(t => t.PValue < 0.05), twins);
    }
}
