using Titer.Runtime.Plugins;
using Titer.Runtime.Results;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Play;

/// <summary>Where the things that a plan names lie on this machine.</summary>
public sealed record RunAssets
{
    public required Scenario Scenario { get; init; }

    /// <summary>Plugin folder by entrant id; refused entrants have none.</summary>
    public required IReadOnlyDictionary<string, string> DefenseFolders { get; init; }

    /// <inheritdoc cref="DefenseFolders"/>
    public required IReadOnlyDictionary<string, string> AttackFolders { get; init; }

    /// <summary>Content hashes of the plugins that came with the host.</summary>
    public IReadOnlySet<string> BundledHashes { get; init; } = new HashSet<string>();

    /// <summary>Whether the phase's process runs code of no stranger.</summary>
    public bool RunsOnlyHostCode(Phase phase) => phase.Kind switch
    {
        PhaseKind.Defend => BundledHashes.Contains(phase.Defense.ContentHash),
        PhaseKind.Attack => BundledHashes.Contains(phase.Attack!.ContentHash),
        _ => true,
    };

    public string? PluginFolderOf(Phase phase) => phase.Kind switch
    {
        PhaseKind.Defend => DefenseFolders[phase.Defense.Id],
        PhaseKind.Attack => AttackFolders[phase.Attack!.Id],
        _ => null,
    };

    /// <summary>
    /// The same assets with every plugin copied into the run's folder: a build that is dropped while the tournament runs changes nothing in it.
    /// </summary>
    /// <exception cref="IOException">A plugin's files changed while they were copied.</exception>
    public RunAssets PinnedIn(RunFolder folder, TournamentSpec spec) => this with
    {
        DefenseFolders = Pinned(folder, spec.Defenses, DefenseFolders),
        AttackFolders = Pinned(folder, spec.Attacks, AttackFolders),
    };

    private static Dictionary<string, string> Pinned(RunFolder folder, IEnumerable<Entrant> entrants, IReadOnlyDictionary<string, string> folders) => entrants
        .Where(e => e.Refusal is null).DistinctBy(e => e.Id)
        .ToDictionary(e => e.Id, e => folder.AdoptPlugin(folders[e.Id], e.Id, e.ContentHash), StringComparer.Ordinal);
}
