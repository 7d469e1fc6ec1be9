using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>Everything that an executor needs to play one phase; sent to a worker as one line of JSON.</summary>
public sealed record PhaseOrder
{
    public required Phase Phase { get; init; }

    /// <summary>The phase's part of the scenario: a file that <see cref="Titer.Scenarios.ScenarioPart"/> wrote.</summary>
    public required string ScenarioPartFile { get; init; }

    /// <summary>Folder of the subject's checkpoint.</summary>
    public required string SubjectFolder { get; init; }

    /// <summary>Folder of the adapter that is merged into the subject; null without one.</summary>
    public string? AdapterFolder { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; init; }

    public required PhaseLimits Limits { get; init; }

    /// <summary>Folder of the one plugin that this phase loads; null for assess phases.</summary>
    public string? PluginFolder { get; init; }

    /// <summary>The phase loads no plugin, or one that came with the host: its process may play other such phases too.</summary>
    public bool RunsOnlyHostCode { get; init; }

    /// <summary>Defended weights to start from; null means the subject's own.</summary>
    public string? WeightsFile { get; init; }

    /// <summary>Where a defend phase leaves its weights.</summary>
    public string? OutputWeightsFile { get; init; }

    /// <summary>Where the answers of the evaluations go; null keeps none.</summary>
    public string? OutputSamplesFile { get; init; }

    /// <summary>When an attack has done enough; null plays to the end.</summary>
    public StoppingRule? EarlyStopping { get; init; }

    /// <summary>The undefended subject's mean utility, which the rule needs.</summary>
    public double? ReferenceUtility { get; init; }

    /// <summary>Writable folder of this phase alone.</summary>
    public required string ScratchFolder { get; init; }
}

/// <summary>What a phase is doing; the supervisor's clock depends on it.</summary>
public enum PhaseStage
{
    /// <summary>The process starts, loads libraries, the subject, the data and the plugin.</summary>
    Loading,

    /// <summary>The plugin's own code runs: its wall-clock budget is ticking.</summary>
    Playing,

    /// <summary>The host evaluates or saves the model.</summary>
    Evaluating,
}

/// <summary>A sign of life for the live view.</summary>
public sealed record PhaseProgress(PhaseStage Stage, int Step = 0, double? Loss = null, double? Harm = null);

/// <summary>Where a playing phase reports to. Called on the phase's thread.</summary>
public interface IPhaseEvents
{
    /// <summary>The phase entered a stage, or moved within it.</summary>
    void Report(PhaseProgress progress);

    /// <summary>A line for the phase's log.</summary>
    void Log(PhaseLogLine line);
}

/// <summary>One line of <c>logs/&lt;phase&gt;.jsonl</c>.</summary>
public sealed record PhaseLogLine(string Level, string Text);

/// <summary>Plays phases: in worker processes for every scored match, in this process for authors and tests.</summary>
public interface IPhaseExecutor
{
    /// <summary>Never throws for what a plugin does; the result says what happened.</summary>
    /// <exception cref="OperationCanceledException">The run was aborted; there is no result.</exception>
    Task<PhaseResult> ExecuteAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort);
}
