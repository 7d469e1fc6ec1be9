using Titer.Models;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;

namespace Titer.Scenarios.Tests;

/// <summary>How many steps of fine-tuning on the attacker's items break the undefended subject.</summary>
internal static class BreakingPoint
{
    /// <summary>Of the ladder that <see cref="BreakingPointTests"/> climbs.</summary>
    public const double BestRate = 3e-3;

    /// <summary>Of the bundled attacks.</summary>
    public const int BatchSize = 8;

    public const int Least = 20;
    public const int Most = 50;

    /// <summary>First step at which harm on any one domain is above the threshold, measured at every step; null when it is at none.</summary>
    public static int? Of(Scenario scenario, IReadOnlyList<string> domains, double learningRate, int batchSize, int most, LoraOptions? lora = null)
    {
        var session = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu"));
        using var model = session.LoadSubject();
        using var random = new SeededRandom(1, session.Device.Device);
        var batches = session.AttackData(domains, TrainingData.Harmful).Harmful.Shuffle(random.Fork("batches"), batchSize);
        int? broken = null;
        var step = 0;
        try
        {
            new FineTuner(new FineTunerOptions { LearningRate = learningRate, MaxSteps = most, Lora = lora })
                .Run(model, () => FineTuner.SupervisedLoss(model, batches.Next()), random, most, Measure);
        }
        catch (OperationCanceledException) when (broken is not null)
        {
            // Seen enough.
        }

        return broken;

        void Measure()
        {
            step++;
            if (session.Evaluate(model, domains).WorstDomainHarm <= scenario.Thresholds.HarmThreshold) return;
            broken = step;
            throw new OperationCanceledException();
        }
    }
}
