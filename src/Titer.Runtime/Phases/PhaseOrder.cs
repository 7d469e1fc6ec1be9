using System.Text.Json.Serialization;
using Titer.Files;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>Which side of a phase a process plays.</summary>
internal enum PhaseRole
{
    /// <summary>All of it: the host's own plugins, assessments, and authors.</summary>
    Whole,

    /// <summary>The plugin's. It has no evaluation prompt and no judge, and hands its weights over.</summary>
    Player,

    /// <summary>The host's: takes the weights, measures or releases them.</summary>
    Measurer,
}

/// <summary>Everything that an executor needs to play one phase; sent to a worker as one line of JSON.</summary>
internal sealed record PhaseOrder
{
    public required Phase Phase { get; init; }

    public PhaseRole Role { get; init; }

    /// <summary>The phase's part of the scenario: a file that <see cref="Titer.Scenarios.ScenarioPart"/> wrote.</summary>
    public required string ScenarioPartFile { get; init; }

    /// <summary>
    /// The part with the evaluation prompts, for the process that measures; null for a player, which has none.
    /// </summary>
    public string? MeasurementPartFile { get; init; }

    /// <summary>Folder of the subject's checkpoint.</summary>
    public required string SubjectFolder { get; init; }

    /// <summary>Folder of the adapter that is merged into the subject; null without one.</summary>
    public string? AdapterFolder { get; init; }

    /// <summary>Folder of the subject's public parent, which an attack may see; null without one.</summary>
    public string? ParentFolder { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; init; }

    public required PhaseLimits Limits { get; init; }

    /// <summary>Folder of the one plugin that this phase loads; null for assess phases.</summary>
    public string? PluginFolder { get; init; }

    /// <summary>Folder of the checkpoint or adapter that a defend phase takes over in place of playing a plugin; null without one.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>The program that a defend phase starts in place of playing a plugin; null without one.</summary>
    public ProgramOrder? Program { get; init; }

    /// <summary>Folder of the attack that goes on where the first one ended; null without one.</summary>
    public string? ThenPluginFolder { get; init; }

    /// <summary>The order of that attack alone; null without one.</summary>
    [JsonIgnore]
    public PhaseOrder? Then => ThenPluginFolder is { } folder && Phase.Attack?.Then is { } then
        ? this with { Phase = Phase with { Attack = then }, PluginFolder = folder, ThenPluginFolder = null }
        : null;

    /// <summary>The phase loads no plugin, or one that came with the host: its process may play other such phases too.</summary>
    public bool RunsOnlyHostCode { get; init; }

    /// <summary>Defended weights to start from; null means the subject's own.</summary>
    public string? WeightsFile { get; init; }

    /// <summary>Where a defend phase leaves its weights.</summary>
    public string? OutputWeightsFile { get; init; }

    /// <summary>Where a player puts its weights for the measurer to take; null where one process plays the whole phase.</summary>
    public string? HandOverFile { get; init; }

    /// <summary>The measurer tells how fast this machine trains; asked once for a device.</summary>
    public bool MeasuresSpeed { get; init; }

    /// <summary>Where the answers of the evaluations go; null keeps none.</summary>
    public string? OutputSamplesFile { get; init; }

    /// <summary>An attack is measured at every other point of the grid: a player must stop at the same steps as one process would.</summary>
    public bool IsMeasuredCoarsely { get; init; }

    /// <summary>When an attack has done enough; null plays to the end.</summary>
    public StoppingRule? EarlyStopping { get; init; }

    /// <summary>The undefended subject's mean utility, which the rule needs.</summary>
    public double? ReferenceUtility { get; init; }

    /// <summary>Metrics of the tournament that are plugins. The phase's process asks for their scores and loads none of them.</summary>
    public IReadOnlyList<MetricOrder> Metrics { get => field ?? []; init; }

    /// <summary>Checkpoints and templates of judges, which the process that measures sees; a player's order has none.</summary>
    public IReadOnlyList<string> JudgePaths { get => field ?? []; init; }

    /// <summary>Folder of what the judge said earlier, for the process that measures to read; null where none is kept.</summary>
    public string? VerdictsFolder { get; init; }

    /// <summary>Where that process leaves what its judge said anew: the host takes it in; null where nothing is kept.</summary>
    public string? OutputVerdictsFile { get; init; }

    /// <summary>Writable folder of this phase alone.</summary>
    public required string ScratchFolder { get; init; }

    /// <summary>
    /// The same for a process that runs a stranger's code: nothing of the evaluation, and no file that is the host's to write.
    /// </summary>
    public PhaseOrder ForPlayer() => this with
    {
        Role = PhaseRole.Player,
        MeasurementPartFile = null,
        Metrics = [],
        JudgePaths = [],
        VerdictsFolder = null,
        OutputVerdictsFile = null,
    };

    /// <summary>Which of <see cref="Metrics"/> a scenario means; null when it is none of them.</summary>
    public int? NumberOf(MetricChoice choice)
    {
        for (var i = 0; i < Metrics.Count; i++) if (Metrics[i].Is(choice)) return i;
        return null;
    }
}
