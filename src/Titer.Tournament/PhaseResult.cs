using System.Text.Json.Serialization;

namespace Titer.Tournament;

public enum PhaseStatus
{
    Done,

    /// <summary>The plugin threw, crashed its worker, or broke a rule of its context.</summary>
    Error,

    /// <summary>The plugin ran over its wall-clock budget and was killed.</summary>
    Timeout,

    /// <summary>The defended weights are not the subject's architecture, or not finite.</summary>
    Invalid,

    /// <summary>Not played: what it needs is missing.</summary>
    Skipped,
}

/// <summary>The immutable record of a played phase; one file.</summary>
public sealed record PhaseResult
{
    /// <summary>4: scores are stored packed; 3: a checksum stands behind them, and weights are named.</summary>
    public const int CurrentVersion = 4;

    public int Version { get; init; } = CurrentVersion;

    public required string PhaseId { get; init; }

    public required PhaseKind Kind { get; init; }

    public required string Defense { get; init; }

    public string? Attack { get; init; }

    public Exposure Exposure { get; init; }

    /// <summary>Of the defended model.</summary>
    public required int Seed { get; init; }

    /// <summary>Which of the attacks on that model: 1, 2, ...; 1 in files that do not say.</summary>
    public int AttackSeed { get => Math.Max(1, field); init; }

    public required PhaseStatus Status { get; init; }

    /// <summary>Stable code of what went wrong, for example <c>TITER201</c>; null when done.</summary>
    public string? Code { get; init; }

    /// <summary>The fact and the fix, in words; null when done.</summary>
    public string? Reason { get; init; }

    /// <summary>Where the plugin's exception was thrown: the first frames of its stack, with file and line
    /// where symbols are there; null without one.</summary>
    public string? Trace { get; init; }

    /// <summary>SHA-256 of the defended weights: those that a defend phase made, those that the other phases were played on.</summary>
    public string? WeightsHash { get; init; }

    /// <summary>SHA-256 of the answers that the scores were taken from, as stored (attack and assess phases).</summary>
    public string? SamplesHash { get; init; }

    /// <summary>Attack phases.</summary>
    public Trajectory? Trajectory { get; init; }

    /// <summary>Assess phases.</summary>
    public Assessment? Assessment { get; init; }

    public Spent Spent { get; init; } = new();

    /// <summary>What the phase was played on; null for a phase that never came to play.</summary>
    public PlayEnvironment? Environment { get; init; }

    /// <summary>Process start to result; a timing, never part of a score.</summary>
    public double WallSeconds { get; init; }

    public double PeakMemoryMegabytes { get; init; }

    /// <summary>
    /// Processor seconds of the plugin's process from its first line on, by its supervisor's clock; a timing, never part of a score. Null where the
    /// host's own code plays.
    /// </summary>
    public double? ProcessorSeconds { get; init; }
}

/// <summary>Everything beside the plan that a number may depend on.</summary>
/// <param name="Libraries">TorchSharp and libtorch with versions.</param>
/// <param name="Device">Name of the processor or GPU.</param>
public sealed record PlayEnvironment(string Runtime, string Libraries, string OperatingSystem, string Device)
{
    /// <summary>Behind what the phase's processes were: <c>bubblewrap</c>, <c>landlock</c> with its
    /// ABI, <c>none</c>; null where nobody said.</summary>
    public string? Walls { get; init; }
}

/// <summary>What the plugin spent of its budget.</summary>
public sealed record Spent
{
    public long Steps { get; init; }

    public long Samples { get; init; }

    public long Tokens { get; init; }

    public double Flops { get; init; }

    /// <summary>The plugin's own seconds; a timing, never part of a score.</summary>
    public double WallSeconds { get; init; }
}

/// <summary>Scores of a model along an attack: the harmfulness curve h(t) and the utility curve u(t), prompt by prompt.</summary>
public sealed record Trajectory
{
    /// <summary>Names of the prompt templates: the rows of <see cref="Checkpoint.Harm"/>.</summary>
    public required IReadOnlyList<string> Templates { get; init; }

    /// <summary>Forbidden prompts, named <c>domain/item/number</c>: the columns of <see cref="Checkpoint.Harm"/>.</summary>
    public required IReadOnlyList<string> HarmPrompts { get; init; }

    /// <summary>Benign reference prompts: the columns of <see cref="Checkpoint.Utility"/>.</summary>
    public required IReadOnlyList<string> UtilityPrompts { get; init; }

    /// <summary>By step, rising, t = 0 first.</summary>
    public required IReadOnlyList<Checkpoint> Checkpoints { get; init; }

    /// <summary>Mean harmfulness at a point on the domain where it is highest, under its worst
    /// template: what the threshold is held against.</summary>
    public double HarmAt(int point) => new PromptDomains(HarmPrompts).MeansAt(Checkpoints[point]).Max();

    /// <summary>The breach was confirmed at the last checkpoint and the rest of the budget was not played.</summary>
    public bool IsStopped { get; init; }

    /// <summary>The model was beyond use at its last checkpoints and the rest of the budget was not played (<see cref="StoppingRule.IsBeyondUse"/>).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsGivenUp { get; init; }
}

/// <summary>One point of a trajectory.</summary>
public sealed record Checkpoint
{
    public required int Step { get; init; }

    public long Samples { get; init; }

    public long Tokens { get; init; }

    public double Flops { get; init; }

    /// <summary>The attack's own seconds so far; a timing, never part of a score.</summary>
    public double DeviceSeconds { get; init; }

    /// <summary>Harmfulness in [0, 1] as the metric says it, [template][forbidden prompt].</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Harm { get; init; }

    /// <summary>How many of these answers no judge could read: they have the mean of their domain.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int HarmUnread { get; init; }

    /// <summary>Coherence in [0, 1] of the same answers, in the same order; null in files that do not have it, whose every answer counts.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? HarmCoherence { get; init; }

    /// <summary>Harmfulness per prompt under the template with the highest mean, coherent answers alone: the worst counts.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> WorstHarm => CountedHarm.Worst(Harm, HarmCoherence);

    /// <summary>Utility per benign reference prompt, in [0, 1].</summary>
    public required IReadOnlyList<double> Utility { get; init; }

    /// <summary>Part of the answers to benign prompts that are well-formed, in [0, 1].</summary>
    public required double Coherence { get; init; }
}

/// <summary>A defended model before any attack, and its benign fine-tune.</summary>
public sealed record Assessment
{
    public required IReadOnlyList<string> Templates { get; init; }

    public required IReadOnlyList<string> HarmPrompts { get; init; }

    /// <summary>h at t = 0, [template][forbidden prompt of every domain].</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Harm { get; init; }

    /// <inheritdoc cref="Checkpoint.HarmUnread"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int HarmUnread { get; init; }

    /// <inheritdoc cref="Checkpoint.HarmCoherence"/>
    public IReadOnlyList<IReadOnlyList<double>>? HarmCoherence { get; init; }

    /// <inheritdoc cref="Checkpoint.WorstHarm"/>
    [JsonIgnore]
    public IReadOnlyList<double> WorstHarm => CountedHarm.Worst(Harm, HarmCoherence);

    public required IReadOnlyList<string> UtilityPrompts { get; init; }

    /// <summary>u at t = 0, per reference prompt.</summary>
    public required IReadOnlyList<double> Utility { get; init; }

    public required double Coherence { get; init; }

    /// <summary>Perplexity of reference text at t = 0.</summary>
    public required double ReferencePerplexity { get; init; }

    /// <summary>
    /// What the model's probabilities say at t = 0, by metric: a refusal does not hide knowledge from them. Never part of a verdict.
    /// </summary>
    public IReadOnlyDictionary<string, double> Diagnostics { get; init; } = new Dictionary<string, double>();

    /// <summary>Scores of the scenario's own evaluations at t = 0 by name, per question; null without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, IReadOnlyList<double>>? Evaluations { get; init; }

    public required IReadOnlyList<string> TrainabilityPrompts { get; init; }

    /// <summary>
    /// Utility on benign tasks that neither subject nor defense saw, while fine-tuning on each of them from the same weights; by step, rising.
    /// </summary>
    public required IReadOnlyList<TrainabilityPoint> Trainability { get; init; }

    /// <summary>Whose the prompts are, in their order; null where all are of one task.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LearnedTask>? TrainabilityTasks { get; init; }
}

/// <summary>A benign task that a model was fine-tuned on.</summary>
/// <param name="Prompts">How many of <see cref="Assessment.TrainabilityPrompts"/> are its own.</param>
/// <param name="LearningRate">Of AdamW: the best of a ladder.</param>
public sealed record LearnedTask(string Name, int Prompts, double LearningRate);

/// <param name="Step">Optimizer steps.</param>
/// <param name="Loss">Mean loss on held-out answers, nats per token; mean over tasks.</param>
/// <param name="Utility">Score per held-out prompt, in [0, 1].</param>
public sealed record TrainabilityPoint(int Step, double Loss, IReadOnlyList<double> Utility);
