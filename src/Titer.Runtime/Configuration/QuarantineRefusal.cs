using Titer.Plugins;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>A quarantine entry as the reason for which an entrant is not played.</summary>
internal static class QuarantineRefusal
{
    public static Refusal Of(QuarantineEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new Refusal(PhaseStatus.Skipped, "TITER220",
            $"Set aside: {entry.Reason} Ship a corrected build, or allow this one with 'titer plugin quarantine clear {entry.Id}'.");
    }

    /// <summary>Whether a build of the entrant is the one that was set aside.</summary>
    public static bool Holds(this QuarantineEntry entry, Entrant entrant)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(entrant);
        return entrant.Builds.Any(b => entry.Holds(b.Id, b.ContentHash));
    }

    /// <summary>The tournament with the entrants marked whose builds were set aside.</summary>
    public static TournamentSpec Marked(TournamentSpec spec, IReadOnlyList<QuarantineEntry> setAside)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Entrant[] Entrants(IEnumerable<Entrant> entrants) =>
            [.. entrants.Select(e => setAside.FirstOrDefault(s => s.Holds(e)) is { } entry ? e with { Refusal = Of(entry) } : e)];
        return spec with { Defenses = Entrants(spec.Defenses), Attacks = Entrants(spec.Attacks) };
    }
}
