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
        return assets.Pinned(spec, folder.AdoptPlugin);
    }

    /// <param name="adopt">Copies the folder of a build, by its id and content hash, and returns the copy.</param>
    /// <inheritdoc cref="PinnedIn"/>
    internal static RunAssets Pinned(this RunAssets assets, TournamentSpec spec, Func<string, string, string, string> adopt) => assets with
    {
        DefenseFolders = FoldersOf(spec.Defenses, e => adopt(assets.DefenseFolders[e.Id], e.PluginId, e.ContentHash)),
        AttackFolders = FoldersOf(spec.Attacks, e => adopt(assets.AttackFolders[e.Id], e.PluginId, e.ContentHash)),
        MetricFolders = spec.Metrics.Where(m => m.IsPlugin).DistinctBy(m => m.Id)
            .ToDictionary(m => m.Id, m => adopt(assets.MetricFolders[m.Id], m.Id, m.ContentHash), StringComparer.Ordinal),
    };

    /// <summary>Of everyone who is played by a plugin, the second of two attacks too.</summary>
    internal static Dictionary<string, string> FoldersOf(IEnumerable<Entrant> entrants, Func<Entrant, string> folder) => entrants
        .Where(e => e is { Refusal: null, Origin: null }).SelectMany(e => e.Then is { } then ? new[] { e, then } : [e]).DistinctBy(e => e.Id)
        .ToDictionary(e => e.Id, folder, StringComparer.Ordinal);
}
