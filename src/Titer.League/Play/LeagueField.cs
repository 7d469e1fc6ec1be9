using Titer.League.Configuration;
using Titer.League.Promises;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Scenarios;
using Titer.Scenarios.Judges;
using Titer.Tournament;

namespace Titer.League.Play;

/// <summary>
/// Turns entries into a tournament that can be played, from copies of the builds in the results folder: what somebody does to a watched folder
/// changes nothing that plays. A drop enters with its default options, or with those that the league's file sets for its id.
/// </summary>
internal sealed class LeagueField
{
    private readonly LeagueFile _file;
    private readonly LeagueHost _host;
    private readonly RunFolder _folder;
    private readonly PluginGate _gate;
    private readonly PluginCatalog _bundled;
    private readonly Scenario _scenario;
    private readonly VerdictStore _verdicts;

    /// <summary>Every drop resolves the whole tournament, checkpoints and programs too.</summary>
    private readonly EntrantHashes _hashes = new();
    private readonly IReadOnlyList<string> _canaries;
    private readonly Dictionary<(string Id, string ContentHash), InstalledPlugin> _pinned = [];
    private readonly Dictionary<(string Id, string ContentHash), string> _copies = [];

    /// <param name="folder">Where builds are played from. One that is only read gets no copies.</param>
    /// <param name="canaries">Bundled defenses that play beside those that the file names.</param>
    /// <exception cref="ConfigurationException">The scenario cannot be used.</exception>
    public LeagueField(LeagueFile file, LeagueHost host, RunFolder folder, PluginGate gate, IReadOnlyList<string>? canaries = null)
    {
        (_file, _host, _folder, _gate, _canaries) = (file, host, folder, gate, canaries ?? []);
        _verdicts = new VerdictStore(Path.Combine(folder.Path, "verdicts"));
        _bundled = PluginCatalog.Scan([new PluginSource(host.BundledPlugins, PluginOrigin.Bundled)], gate);
        _scenario = ResolverOf(file.Tournament, _bundled).OpenScenario();
    }

    /// <summary>The field of a season that is open: with its canaries, and once it is sealed with hidden attacks and the operator's seeds.</summary>
    /// <param name="season">Null for none.</param>
    /// <exception cref="Titer.Files.FileRefusalException">A hidden attack is gone, or another than was promised.</exception>
    public static LeagueField InSeason(LeagueFile file, LeagueHost host, RunFolder folder, PluginGate gate, SeasonDocument? season) =>
        new(file, host, folder, gate, season is null ? [] : SeasonCanaries.Ids)
        {
            Hidden = season?.Seal is null ? [] : SeasonSecrets.Read(file, season).Load(file, folder, gate),
            DrawnSeeds = season?.Seal?.Seeds ?? [],
            IsInSeason = season is not null,
        };

    private IReadOnlyList<InstalledPlugin> Hidden { get; init; } = [];

    private IReadOnlyList<int> DrawnSeeds { get; init; } = [];

    private bool IsInSeason { get; init; }

    /// <summary>Whether a plugin that came with the host has the id: nobody takes its name.</summary>
    public bool IsBundled(string id) => _bundled.Plugins.ContainsKey(id);

    /// <summary>Ids that the league's file names and that nothing has yet.</summary>
    public IEnumerable<string> Awaited(IReadOnlyList<LeagueEntry> entries) =>
        (_file.Tournament.Defenses ?? []).Concat(_file.Tournament.Attacks ?? []).Where(e => e.IsPlugin)
        .SelectMany(e => PartsOf(e.Id.Value)).Distinct()
        .Where(id => !IsBundled(id) && !entries.Any(e => e.Id == id && e.State != EntryState.Superseded));

    /// <summary>Those of the <see cref="Awaited"/> that attack.</summary>
    public IEnumerable<string> AwaitedAttacks(IReadOnlyList<LeagueEntry> entries) =>
        Awaited(entries).Intersect((_file.Tournament.Attacks ?? []).SelectMany(e => PartsOf(e.Id.Value)));

    /// <summary>Copies a build to where it is played from.</summary>
    /// <exception cref="IOException">Its files changed after they were inspected, or the disk is full.</exception>
    public void Pin(InstalledPlugin plugin)
    {
        var (id, hash) = (plugin.Manifest.Id, plugin.Manifest.ContentHash);
        var copy = _folder.AdoptPlugin(plugin.Folder, id, hash);
        var assembly = Path.Combine(copy, Path.GetRelativePath(plugin.Folder, plugin.AssemblyPath));
        _pinned[(id, hash)] = plugin with { Folder = copy, AssemblyPath = assembly };
    }

    /// <summary>Whether the copy of an entry's build is there, and is that build.</summary>
    public bool Has(LeagueEntry entry) => Find(entry) is not null;

    /// <summary>The tournament of what stands, and of what was removed after it had entered.</summary>
    /// <exception cref="ConfigurationException">They cannot play together.</exception>
    public ResolvedTournament Resolve(IReadOnlyList<LeagueEntry> entries) => Resolved([.. entries.Where(e => e.State != EntryState.Superseded)]);

    /// <summary>The tournament of a superseded build alone, against what attacks today.</summary>
    public ResolvedTournament Alone(LeagueEntry superseded, IReadOnlyList<LeagueEntry> entries) =>
        Resolved([.. entries.Where(e => e.State != EntryState.Superseded && e.Kind != PluginKind.Defense), superseded], withBundled: false);

    private ResolvedTournament Resolved(LeagueEntry[] entries, bool withBundled = true)
    {
        var dropped = entries.Select(Find).OfType<InstalledPlugin>().ToArray();
        var submissions = entries.Where(e => e.Submission is not null).ToDictionary(e => e.Id, e => e.Submission!);
        var catalog = dropped.Concat(Hidden).Aggregate(_bundled, (all, plugin) => all.With(plugin));
        var given = Present(_file.Tournament.Defenses ?? [], catalog).Where(e => withBundled || !IsBundled(e.Id.Value)).ToArray();
        var tournament = _file.Tournament with
        {
            Defenses =
            [
                .. given,
                .. _canaries.Except(given.Select(e => e.Id.Value)).Where(IsBundled).Select(id => EntrantEntry.Of(id)),
                .. dropped.Where(p => p.Manifest.Kind == PluginKind.Defense).Select(p => p.Manifest.Id).Except(given.Select(e => e.Id.Value))
                    .Order(StringComparer.Ordinal).Select(id => EntrantEntry.Of(id, submissions.GetValueOrDefault(id)?.Options)),
            ],
            Attacks = _file.Tournament.Attacks is { } attacks
                ? [.. Present(attacks, catalog), .. Hidden.Select(h => EntrantEntry.Of(h.Manifest.Id))] : null,
        };
        var resolved = ResolverOf(tournament, catalog).Resolve(new RunOverrides { Device = _host.Device }, _scenario)
            .WithBundled(_bundled.HashesIn(_host.BundledPlugins));
        return resolved with
        {
            Spec = resolved.Spec with
            {
                Seeds = [.. resolved.Spec.Seeds, .. DrawnSeeds],
                Attacks = [.. resolved.Spec.Attacks.Select(a => Hidden.Any(h => h.Manifest.Id == a.PluginId) ? a with { IsHidden = true } : a)],
                ByClass = IsInSeason ? true : null,
                Defenses = [.. resolved.Spec.Defenses.Select(d => d with { Submission = submissions.GetValueOrDefault(d.Id) })],
                Policy = _host.Policy is { } policy ? new PolicyNote(policy.Sha256, policy.Text) : null,
            },
            Assets = resolved.Assets.Pinned(resolved.Spec, CopyOf) with { Verdicts = _verdicts },
            File = resolved.File with { Plugins = _file.WatchedFolders, Seeds = [.. resolved.Spec.Seeds, .. DrawnSeeds] },
        };
    }

    private TournamentResolver ResolverOf(TournamentFile tournament, PluginCatalog catalog) =>
        new(tournament, catalog, _host.Quarantine, _host.Version) { Hashes = _hashes };

    /// <summary>What the file names and nobody has dropped yet waits.</summary>
    private static IEnumerable<EntrantEntry> Present(IEnumerable<EntrantEntry> named, PluginCatalog catalog) =>
        named.Where(e => !e.IsPlugin
            || PartsOf(e.Id.Value).All(id => catalog.Plugins.ContainsKey(id) || catalog.Refused.Any(r => r.Name == id)));

    /// <summary>One id, or the two of a composition.</summary>
    private static string[] PartsOf(string id) => id.Split("->", StringSplitOptions.TrimEntries);

    private InstalledPlugin? Find(LeagueEntry entry)
    {
        var key = (entry.Id, entry.ContentHash);
        if (_pinned.TryGetValue(key, out var known)) return known;
        var verdict = _gate.Inspect(_folder.PluginFolder(entry.Id, entry.ContentHash));
        return verdict.Plugin is { } found && found.Manifest.ContentHash == entry.ContentHash ? _pinned[key] = found : null;
    }

    private string CopyOf(string source, string id, string contentHash)
    {
        if (_pinned.TryGetValue((id, contentHash), out var pinned)) return pinned.Folder;
        if (Hidden.FirstOrDefault(h => h.Manifest.Id == id && h.Manifest.ContentHash == contentHash) is { } hidden) return hidden.Folder;
        return !_folder.IsHeld ? source
            : _copies.TryGetValue((id, contentHash), out var copy) ? copy
            : _copies[(id, contentHash)] = _folder.AdoptPlugin(source, id, contentHash);
    }
}
