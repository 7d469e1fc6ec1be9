using Titer.League.Standing;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Tournament;

namespace Titer.League.Catalog;

/// <summary>What a drop makes of the entries.</summary>
/// <param name="Entries">Null where nothing changes.</param>
/// <param name="Accepted">The entry that it became.</param>
/// <param name="Superseded">The build before it.</param>
/// <param name="Refusal">Why nothing changes; null also where the same build stands already.</param>
internal sealed record SuccessionOutcome(IReadOnlyList<LeagueEntry>? Entries, LeagueEntry? Accepted = null, LeagueEntry? Superseded = null,
    PluginProblem? Refusal = null);

/// <summary>
/// Who stands where after a drop. An id belongs to the place that has it; another place takes it over only when the first one is gone, or when both
/// are packages and its version is the newer one: the outcome does not depend on which of them is looked at first. Pure but for the question whether
/// a place is still there.
/// </summary>
internal static class Succession
{
    /// <param name="isThere">Whether something lies at a place.</param>
    /// <param name="submission">Of what its author handed in: another file of theirs takes the place of the one before.</param>
    public static SuccessionOutcome Accept(IReadOnlyList<LeagueEntry> entries, PluginManifest plugin, string place, DateTimeOffset now,
        Func<string, bool> isThere, EntrantSubmission? submission = null)
    {
        var before = entries.FirstOrDefault(e => e.Id == plugin.Id && e.State != EntryState.Superseded);
        var isElsewhere = submission is null && before is { State: EntryState.Standing } && before.Place != place && isThere(before.Place);
        if (before?.ContentHash == plugin.ContentHash)
        {
            // The same build: at its place, at a second one, or back again.
            if (isElsewhere || (before.Place == place && before.State == EntryState.Standing)) return new SuccessionOutcome(null);
            var back = before with { Place = place, State = EntryState.Standing, Until = null, Submission = submission ?? before.Submission };
            return new SuccessionOutcome(Sorted(entries.Where(e => e != before).Append(back)), back);
        }

        if (isElsewhere && Rivalry(before!, plugin, place) is { } refusal) return new SuccessionOutcome(null, Refusal: refusal);
        var accepted = new LeagueEntry
        {
            Id = plugin.Id,
            Kind = plugin.Kind,
            ContentHash = plugin.ContentHash,
            Version = plugin.Version,
            Generation = entries.Where(e => e.Id == plugin.Id).Select(e => e.Generation).DefaultIfEmpty().Max() + 1,
            Place = place,
            State = EntryState.Standing,
            Since = now,
            Submission = submission,
        };
        var superseded = before is null ? null : before with { State = EntryState.Superseded, Until = now };
        // An earlier build that comes again is no longer superseded.
        var others = entries.Where(e => e != before && !e.Is(plugin.Id, plugin.ContentHash));
        return new SuccessionOutcome(Sorted(others.Append(accepted).Concat(superseded is null ? [] : [superseded])), accepted, superseded);
    }

    /// <summary>Marks what stood at a place as removed.</summary>
    /// <param name="id">The id that is there now; null for none.</param>
    public static (IReadOnlyList<LeagueEntry> Entries, LeagueEntry? Removed) Leave(IReadOnlyList<LeagueEntry> entries, string place, string? id,
        DateTimeOffset now)
    {
        if (entries.FirstOrDefault(e => e.State == EntryState.Standing && e.Place == place && e.Id != id) is not { } gone) return (entries, null);
        var removed = gone with { State = EntryState.Removed, Until = now };
        return (Sorted(entries.Where(e => e != gone).Append(removed)), removed);
    }

    private static PluginProblem? Rivalry(LeagueEntry before, PluginManifest plugin, string place)
    {
        if (!IsPackage(before.Place) || !IsPackage(place))
        {
            return new PluginProblem(PluginProblemCode.DuplicateId, $"The id '{plugin.Id}' of '{place}' is that of the plugin in '{before.Place}'.",
                "Remove that one first, replace it where it lies, or give this one another id in its TiterPlugin attribute.");
        }

        return PackageOrder.IsNewer(plugin.Version, before.Version) ? null : new PluginProblem("TITER682",
            $"'{place}' holds version {plugin.Version} of '{plugin.Id}'; version {before.Version} plays.",
            "Drop a newer version, or remove that one.");
    }

    private static bool IsPackage(string place) => place.EndsWith(PackageLayout.Extension, StringComparison.OrdinalIgnoreCase);

    private static LeagueEntry[] Sorted(IEnumerable<LeagueEntry> entries) =>
        [.. entries.OrderBy(e => e.Id, StringComparer.Ordinal).ThenByDescending(e => e.Generation)];
}
