using Titer.Runtime.Configuration;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>A run plays the builds that were there when it began: a build that is dropped while the tournament runs changes nothing in it.</summary>
internal static class PinnedPlugins
{
    /// <summary>The same assets with every plugin copied into the run's folder.</summary>
    /// <exception cref="IOException">A plugin's files changed while they were copied.</exception>
    public static RunAssets PinnedIn(this RunAssets assets, RunFolder folder, TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(assets);
        ArgumentNullException.ThrowIfNull(spec);
        return assets with
        {
            DefenseFolders = Pinned(folder, spec.Defenses, assets.DefenseFolders),
            AttackFolders = Pinned(folder, spec.Attacks, assets.AttackFolders),
            MetricFolders = spec.Metrics.Where(m => m.IsPlugin).DistinctBy(m => m.Id)
                .ToDictionary(m => m.Id, m => folder.AdoptPlugin(assets.MetricFolders[m.Id], m.Id, m.ContentHash), StringComparer.Ordinal),
        };
    }

    private static Dictionary<string, string> Pinned(RunFolder folder, IEnumerable<Entrant> entrants, IReadOnlyDictionary<string, string> folders) =>
        entrants
        .Where(e => e is { Refusal: null, Origin: null }).SelectMany(e => e.Then is { } then ? new[] { e, then } : [e]).DistinctBy(e => e.Id)
        .ToDictionary(e => e.Id, e => folder.AdoptPlugin(folders[e.Id], e.PluginId, e.ContentHash), StringComparer.Ordinal);
}
