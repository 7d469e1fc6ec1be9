using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// Trainability (Rosati et al. 2024, equation 5): how well a defended model learns benign tasks that nobody trained it on, each from the same
/// weights, with the best of the scenario's learning rates: that with the lowest held-out loss after a quarter of the steps. A defended model may
/// need another rate than the undefended one, so each has its own.
/// </summary>
internal sealed class BenignFineTunes(PhaseOrder order, ScenarioSession session, IPhaseEvents events, ICollection<StepSample> samples)
{
    private readonly TrainabilitySettings _settings = session.Scenario.Trainability;

    /// <param name="model">Left as the last task made it.</param>
    public LearnedTasks Play(CausalLanguageModel model)
    {
        var tasks = _settings.Tasks;
        // One fine-tune needs no way back, and a large model no second copy of its weights.
        using var start = _settings.IsOneFineTune ? null : new WeightSnapshot(model.Arena);
        Learned[] learned = [.. tasks.Select(task => Learn(model, task, start))];
        List<TrainabilityPoint> curve = [.. learned[0].Curve.Select((point, i) => new TrainabilityPoint(
            point.Step, learned.Average(l => l.Curve[i].Loss), [.. learned.SelectMany(l => l.Curve[i].Utility)]))];
        return new LearnedTasks(curve, [.. learned.SelectMany(l => l.Prompts)], _settings.IsOneFineTune ? null
            : [.. learned.Zip(tasks, (l, task) => new LearnedTask(string.Join('+', task), l.Prompts.Count, l.LearningRate))]);
    }

    private Learned Learn(CausalLanguageModel model, IReadOnlyList<string> task, WeightSnapshot? start)
    {
        var (data, rate) = (session.TrainabilityData(task), _settings.LearningRates[0]);
        if (_settings.ScreeningSteps > 0)
        {
            rate = _settings.LearningRates.MinBy(candidate =>
            {
                start!.Restore();
                Train(model, data, candidate, _settings.ScreeningSteps, () => { });
                // What blew up is no candidate.
                return session.TrainabilityLoss(model, task) is var loss && double.IsNaN(loss) ? double.PositiveInfinity : loss;
            });
        }

        start?.Restore();
        var grid = EvaluationGrid.Steps(order.Limits.Steps).ToHashSet();
        var learned = new Learned(rate, [], []);
        void Measure(int at)
        {
            var (loss, scores, answers) = session.EvaluateTrainability(model, task);
            foreach (var answer in answers) samples.Add(new StepSample(at, answer));
            learned.Curve.Add(new TrainabilityPoint(at, loss, scores.Scores));
            learned = learned with { Prompts = scores.PromptIds };
            events.Report(new PhaseProgress(PhaseStage.Evaluating, at, loss));
        }

        Measure(0);
        var step = 0;
        Train(model, data, rate, order.Limits.Steps, () =>
        {
            if (grid.Contains(++step)) Measure(step);
        });
        return learned;
    }

    /// <summary>The streams hang on the phase alone: every rate meets the same batches.</summary>
    private void Train(CausalLanguageModel model, ExampleSet data, double rate, int steps, Action step)
    {
        using var random = new SeededRandom(order.Phase.RandomSeed, session.Device.Device);
        var batches = data.Shuffle(random.Fork("batches"), _settings.BatchSize);
        new FineTuner(new FineTunerOptions
        {
            LearningRate = rate,
            Lora = _settings.Rank is { } rank ? new LoraOptions { Rank = rank, Alpha = 2 * rank } : null,
        })
            .Run(model, () => FineTuner.SupervisedLoss(model, batches.Next()), random, steps, step);
    }

    private sealed record Learned(double LearningRate, List<TrainabilityPoint> Curve, IReadOnlyList<string> Prompts);
}

/// <summary>What a model learned: one curve over the prompts of all tasks.</summary>
/// <param name="Tasks">Null where there is one task and one rate.</param>
internal sealed record LearnedTasks(IReadOnlyList<TrainabilityPoint> Curve, IReadOnlyList<string> Prompts, IReadOnlyList<LearnedTask>? Tasks);
