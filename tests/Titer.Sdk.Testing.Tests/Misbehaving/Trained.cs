using Titer.Sdk.Training;

namespace Titer.Sdk.Testing.Tests.Misbehaving;

/// <summary>Honest training to which each misbehaving plugin adds one fault.</summary>
internal static class Trained
{
    private const int BatchSize = 4;

    public static void Normally(DefenseContext context) =>
        new FineTuner(new FineTunerOptions { LearningRate = 1e-3, MaxSteps = 100 }).Run(context, context.Data.Benign, BatchSize);

    public static void Normally(AttackContext context) =>
        new FineTuner(new FineTunerOptions { LearningRate = 1e-3 }).Run(context, context.Data.Harmful, BatchSize);
}
