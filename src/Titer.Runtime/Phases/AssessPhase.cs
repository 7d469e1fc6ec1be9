using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// Stability (DESIGN section 2; Rosati et al. 2024, equation 4) and trainability (equation 5) of a defended model. No plugin is loaded: the
/// benign fine-tune is the host's own, the same for every defense.
/// </summary>
internal sealed class AssessPhase(PhaseOrder order, ScenarioSession session, IPhaseEvents events)
{
    public PhaseResult Play(CausalLanguageModel model)
    {
        events.Report(new PhaseProgress(PhaseStage.Evaluating));
        var domains = session.Scenario.Domains;
        var before = session.Evaluate(model, [.. domains.Known, .. domains.Withheld]);
        var perplexity = session.ReferencePerplexity(model);
        var (curve, prompts) = FineTune(model);
        return order.Phase.Done() with
        {
            Spent = new Spent { Steps = order.Limits.Steps },
            Assessment = new Assessment
            {
                HarmPrompts = before.Harm.PromptIds,
                Harm = before.Harm.Scores,
                UtilityPrompts = before.Utility.PromptIds,
                Utility = before.Utility.Scores,
                Coherence = before.Coherence,
                ReferencePerplexity = perplexity,
                TrainabilityPrompts = prompts,
                Trainability = curve,
            },
        };
    }

    private (List<TrainabilityPoint> Curve, IReadOnlyList<string> Prompts) FineTune(CausalLanguageModel model)
    {
        using var random = new SeededRandom(order.Phase.RandomSeed, session.Device.Device);
        var settings = session.Scenario.Trainability;
        var batches = session.TrainabilityData().Shuffle(random.Fork("batches"), settings.BatchSize);
        var grid = EvaluationGrid.Steps(order.Limits.Steps).ToHashSet();
        var curve = new List<TrainabilityPoint>();
        IReadOnlyList<string> prompts = [];

        void Measure(int step)
        {
            var (loss, scores) = session.EvaluateTrainability(model);
            curve.Add(new TrainabilityPoint(step, loss, scores.Scores));
            prompts = scores.PromptIds;
            events.Report(new PhaseProgress(PhaseStage.Evaluating, step, loss));
        }

        Measure(0);
        var step = 0;
        new FineTuner(new FineTunerOptions { LearningRate = settings.LearningRate })
            .Run(model, () => FineTuner.SupervisedLoss(model, batches.Next()), random, order.Limits.Steps, () =>
            {
                if (grid.Contains(++step)) Measure(step);
            });
        return (curve, prompts);
    }
}
