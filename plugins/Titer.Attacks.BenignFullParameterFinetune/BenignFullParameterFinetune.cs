// Ordinary fine-tuning on benign answers, which can break safety by accident (Qi et al. 2023, arXiv 2310.03693).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("benign_full_parameter_finetune", SdkApi.Level, Summary = "Fine-tune all weights on benign answers.",
    Paper = "arXiv:2310.03693", TrainsOn = TrainingData.Benign)]

namespace Titer.Attacks.BenignFullParameterFinetune;

public sealed record BenignFullParameterFinetuneOptions(
    [Range(1e-7, 1)] double LearningRate = 2e-4,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(1, 1_000_000)] int MaxSteps = 1_000_000);

public sealed class BenignFullParameterFinetune(BenignFullParameterFinetuneOptions options) : IAttack
{
    public void Attack(AttackContext context) => new FineTuner(new FineTunerOptions
    {
        LearningRate = options.LearningRate,
        MaxSteps = options.MaxSteps,
    }).Run(context, context.Data.Benign, options.BatchSize);
}
