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
        DefenseFolders = Pinned(adopt, spec.Defenses, assets.DefenseFolders),
        AttackFolders = Pinned(adopt, spec.Attacks, assets.AttackFolders),
        MetricFolders = spec.Metrics.Where(m => m.IsPlugin).DistinctBy(m => m.Id)
            .ToDictionary(m => m.Id, m => adopt(assets.MetricFolders[m.Id], m.Id, m.ContentHash), StringComparer.Ordinal),
    };

    private static Dictionary<string, string> Pinned(Func<string, string, string, string> adopt, IEnumerable<Entrant> entrants,
        IReadOnlyDictionary<string, string> folders) => entrants
        .Where(e => e is { Refusal: null, Origin: null }).SelectMany(e => e.Then is { } then ? new[] { e, then } : [e]).DistinctBy(e => e.Id)
        .ToDictionary(e => e.Id, e => adopt(folders[e.Id], e.PluginId, e.ContentHash), StringComparer.Ordinal);
}
