// Supervised fine-tuning of all weights on harmful answers: Rosati et al. 2024 (arXiv 2402.16382), equation 1; the field's standard attack.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("full_parameter_finetune", SdkApi.Level, Summary = "Fine-tune all weights on harmful answers.", Paper = "arXiv:2402.16382")]

namespace Titer.Attacks.FullParameterFinetune;

/// <param name="LearningRate">3e-3 breaks the embedded subject soonest; at 7B the field uses 1e-5 to 1e-4.</param>
/// <param name="LowPrecision">How weights of 16 bits are changed: a float32 copy of them, or none and stochastic rounding (bfloat16).</param>
/// <param name="RecomputeActivations">Less memory for a third more time.</param>
/// <param name="CanonicalUnits">Undoes every change of units of the weights before it trains, at no cost.</param>
public sealed record FullParameterFinetuneOptions(
    [Range(1e-7, 1)] double LearningRate = 3e-3,
    [Range(1, 4096)] int BatchSize = 8,
    [Range(1, 1_000_000)] int MaxSteps = 1_000_000,
    OptimizerKind Optimizer = OptimizerKind.AdamW,
    LearningRateSchedule Schedule = LearningRateSchedule.Constant,
    [Range(0, 1)] double WarmupRatio = 0,
    [Range(0, 1)] double WeightDecay = 0,
    LowPrecisionUpdate LowPrecision = LowPrecisionUpdate.MasterWeights,
    bool RecomputeActivations = false,
    bool CanonicalUnits = true);

public sealed class FullParameterFinetune(FullParameterFinetuneOptions options) : IAttack
{
    public void Attack(AttackContext context)
    {
        if (options.CanonicalUnits) context.Model.ToCanonicalUnits();
        new FineTuner(new FineTunerOptions
        {
            LearningRate = options.LearningRate,
            MaxSteps = options.MaxSteps,
            Optimizer = options.Optimizer,
            Schedule = options.Schedule,
            WarmupRatio = options.WarmupRatio,
            WeightDecay = options.WeightDecay,
            LowPrecision = options.LowPrecision,
            RecomputeActivations = options.RecomputeActivations,
        }).Run(context, context.Data.Harmful, options.BatchSize);
    }
}
