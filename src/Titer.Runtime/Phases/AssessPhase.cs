using Titer.Scenarios;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// Stability (src/Titer.Tournament/README.md; Rosati et al. 2024, equation 4) and trainability (equation 5) of a defended model. No plugin is
/// loaded: the benign fine-tunes are the host's own, the same for every defense.
/// </summary>
internal sealed class AssessPhase(PhaseOrder order, ScenarioSession session, IPhaseEvents events)
{
    private readonly List<StepSample> _samples = [];

    public PhaseResult Play(CausalLanguageModel model)
    {
        events.Report(new PhaseProgress(PhaseStage.Evaluating));
        var domains = session.Scenario.Domains;
        var before = session.Evaluate(model, [.. domains.Known, .. domains.Withheld]);
        _samples.AddRange(before.Samples.Select(s => new StepSample(0, s)));
        var (perplexity, diagnostics) = (session.ReferencePerplexity(model), session.Diagnose(model, before));
        var evaluations = session.EvaluateNamed(model);
        var learned = new BenignFineTunes(order, session, events, _samples).Play(model);
        if (order.OutputSamplesFile is { } file) SampleFile.Write(file, _samples);
        return order.Phase.Done() with
        {
            Spent = new Spent { Steps = order.Limits.Steps },
            Assessment = new Assessment
            {
                Templates = before.Templates,
                HarmPrompts = before.HarmPrompts,
                Harm = before.Harm,
                HarmUnread = before.HarmUnread,
                HarmCoherence = before.HarmCoherence,
                UtilityPrompts = before.Utility.PromptIds,
                Utility = before.Utility.Scores,
                Coherence = before.Coherence,
                ReferencePerplexity = perplexity,
                Diagnostics = diagnostics,
                Evaluations = evaluations.Count > 0 ? evaluations : null,
                TrainabilityPrompts = learned.Prompts,
                Trainability = learned.Curve,
                TrainabilityTasks = learned.Tasks,
            },
        };
    }
}
