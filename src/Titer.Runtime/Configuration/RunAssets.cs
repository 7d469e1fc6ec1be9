using Titer.Files;
using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Scenarios.Judges;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>Where the things that a plan names lie on this machine.</summary>
internal sealed record RunAssets
{
    public required Scenario Scenario { get; init; }

    /// <summary>Plugin folder by entrant id; refused entrants have none.</summary>
    public required IReadOnlyDictionary<string, string> DefenseFolders { get; init; }

    /// <inheritdoc cref="DefenseFolders"/>
    public required IReadOnlyDictionary<string, string> AttackFolders { get; init; }

    /// <summary>Folder of a checkpoint that entered, by entrant id.</summary>
    public IReadOnlyDictionary<string, string> CheckpointFolders { get; init; } = new Dictionary<string, string>();

    /// <summary>Programs that entered, by entrant id.</summary>
    public IReadOnlyDictionary<string, ProgramOrder> Programs { get; init; } = new Dictionary<string, ProgramOrder>();

    /// <summary>Plugin folder by the id of a metric.</summary>
    public IReadOnlyDictionary<string, string> MetricFolders { get; init; } = new Dictionary<string, string>();

    /// <summary>What judges said in earlier tournaments; null keeps nothing.</summary>
    public VerdictStore? Verdicts { get; init; }

    /// <summary>The judge whose verdicts are kept: its hash; null where no judge scores, or nothing is kept.</summary>
    public string? KeptJudge => Verdicts is null || !Scenario.Metrics.Harm.IsJudge ? null
        : Scenario.Metrics.Harm.Options.GetValueOrDefault("sha256");

    /// <summary>Content hashes of the plugins that came with the host.</summary>
    public IReadOnlySet<string> BundledHashes { get; init; } = new HashSet<string>();

    /// <summary>Whether the phase's process runs code of no stranger.</summary>
    public bool RunsOnlyHostCode(Phase phase) => phase.Kind switch
    {
        PhaseKind.Defend => phase.Defense.Origin == EntrantOrigin.Checkpoint || BundledHashes.Contains(phase.Defense.ContentHash),
        PhaseKind.Attack => BundledHashes.Contains(phase.Attack!.ContentHash)
            && (phase.Attack.Then is not { } then || BundledHashes.Contains(then.ContentHash)),
        _ => true,
    };

    /// <summary>The metrics that are plugins, each once.</summary>
    public IReadOnlyList<MetricOrder> MetricsOf(TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Orders(spec.Metrics, MetricFolders, spec.MetricLimits);
    }

    internal static IReadOnlyList<MetricOrder> Orders(IEnumerable<ScoringMetric> metrics, IReadOnlyDictionary<string, string> folders,
        MetricLimits? limits) =>
    [
        .. metrics.Where(m => m.IsPlugin).Select(m => new MetricOrder
        {
            Id = m.Id,
            ContentHash = m.ContentHash,
            Options = m.Options,
            Folder = folders[m.Id],
            Limits = limits ?? MetricLimits.Default,
        }).DistinctBy(m => m.Key),
    ];

    public string? PluginFolderOf(Phase phase) => phase.Kind switch
    {
        PhaseKind.Defend => phase.Defense.Origin is null ? DefenseFolders[phase.Defense.Id] : null,
        PhaseKind.Attack => phase.Attack!.Origin is null ? AttackFolders[phase.Attack.Id] : null,
        _ => null,
    };

    /// <summary>Of the checkpoint that a defend phase takes over; null where a plugin plays.</summary>
    public string? CheckpointFolderOf(Phase phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        return phase is { Kind: PhaseKind.Defend, Defense.Origin: EntrantOrigin.Checkpoint } ? CheckpointFolders[phase.Defense.Id] : null;
    }

    /// <summary>That a phase starts; null where a plugin plays.</summary>
    public ProgramOrder? ProgramOf(Phase phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        return phase.Player is { Origin: EntrantOrigin.Program } player ? Programs[player.Id] : null;
    }

    /// <summary>Of the second attack of a composition; null where there is none.</summary>
    public string? ThenFolderOf(Phase phase) => phase is { Kind: PhaseKind.Attack, Attack.Then: { } then } ? AttackFolders[then.Id] : null;
}
