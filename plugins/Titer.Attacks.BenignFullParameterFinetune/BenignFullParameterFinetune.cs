// Ordinary fine-tuning on benign answers, which can break safety by accident (Qi et al. 2023, arXiv 2310.03693).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("benign_full_parameter_finetune", SdkApi.Level, Summary = "Fine-tune all weights on benign answers.",
    Paper = "arXiv:2310.03693", TrainsOn = TrainingData.Benign, EntersByDefault = false)]

namespace Titer.Attacks.BenignFullParameterFinetune;

/// <param name="CanonicalUnits">Undoes every change of units of the weights before it trains, at no cost.</param>
public sealed record BenignFullParameterFinetuneOptions(
    [Range(1e-7, 1)] double LearningRate = 2e-4,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(1, 1_000_000)] int MaxSteps = 1_000_000,
    OptimizerKind Optimizer = OptimizerKind.AdamW,
    LearningRateSchedule Schedule = LearningRateSchedule.Constant,
    [Range(0, 1)] double WarmupRatio = 0,
    [Range(0, 1)] double WeightDecay = 0,
    bool CanonicalUnits = true);

public sealed class BenignFullParameterFinetune(BenignFullParameterFinetuneOptions options) : IAttack
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
        }).Run(context, context.Data.Benign, options.BatchSize);
    }
}
