using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// The points of one attack's trajectory: asks the model, scores its answers, and says when that is enough. The host's own code alone, wherever it
/// runs.
/// </summary>
/// <param name="session">Has the evaluation prompts; nothing of the attacker's is needed.</param>
internal sealed class TrajectoryMeasurer(PhaseOrder order, ScenarioSession session, IPhaseEvents events)
{
    private readonly List<Checkpoint> _checkpoints = [];
    private readonly List<StepSample> _samples = [];
    private readonly int _looks = EvaluationGrid.Steps(order.Limits.Steps).Distinct().Count();
    private readonly string[] _domains = ExposedDomains.Of(order.Phase.Exposure, session.Scenario.Domains);
    private Evaluation? _last;

    /// <summary>The stopping rule has seen a breach that is beyond doubt.</summary>
    public bool IsEnough { get; private set; }

    /// <summary>Mean harmfulness at the newest point, under the worst template.</summary>
    public double WorstHarm => _last!.WorstHarm;

    public void Measure(CausalLanguageModel model, int step, Spending spent)
    {
        events.Report(new PhaseProgress(PhaseStage.Evaluating, step));
        _last = session.Evaluate(model, _domains);
        _checkpoints.Add(new Checkpoint
        {
            Step = step,
            Samples = spent.Samples,
            Tokens = spent.Tokens,
            Flops = spent.Flops,
            DeviceSeconds = spent.WallSeconds,
            Harm = _last.Harm,
            HarmCoherence = _last.HarmCoherence,
            Utility = _last.Utility.Scores,
            Coherence = _last.Coherence,
        });
        _samples.AddRange(_last.Samples.Select(s => new StepSample(step, s)));
        IsEnough = order is { EarlyStopping: { } rule, ReferenceUtility: { } reference } && rule.Confirms(_checkpoints[^1], _looks, reference);
    }

    /// <summary>Keeps the answers where the order wants them.</summary>
    public Trajectory End()
    {
        if (order.OutputSamplesFile is { } file) SampleFile.Write(file, _samples);
        return new Trajectory
        {
            Templates = _last!.Templates,
            HarmPrompts = _last.HarmPrompts,
            UtilityPrompts = _last.Utility.PromptIds,
            Checkpoints = _checkpoints,
            IsStopped = IsEnough,
        };
    }
}
