using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// Stability (src/Titer.Tournament/README.md; Rosati et al. 2024, equation 4) and trainability (equation 5) of a defended model. No plugin is
/// loaded: the benign fine-tune is the host's own, the same for every defense.
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
        var (perplexity, diagnostics) = (session.ReferencePerplexity(model), session.Diagnose(model));
        var (curve, prompts) = FineTune(model);
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

        void Measure(int at)
        {
            var (loss, scores, samples) = session.EvaluateTrainability(model);
            _samples.AddRange(samples.Select(s => new StepSample(at, s)));
            curve.Add(new TrainabilityPoint(at, loss, scores.Scores));
            prompts = scores.PromptIds;
            events.Report(new PhaseProgress(PhaseStage.Evaluating, at, loss));
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
