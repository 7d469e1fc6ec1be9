// Low-rank fine-tuning on harmful answers: LoRA (Hu et al. 2021, arXiv 2106.09685) as the attacks of
// the field use it (Qi et al. 2023, arXiv 2310.03693).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;

[assembly: TiterPlugin("lora_finetune", SdkApi.Level, Summary = "Fine-tune low-rank adapters on harmful answers.", Paper = "arXiv:2106.09685",
    EntersByDefault = false)]

namespace Titer.Attacks.LoraFinetune;

/// <param name="LearningRate">9e-4 breaks the embedded subject soonest at this scale; with a smaller one the best rate is higher.</param>
/// <param name="Alpha">The adapter is scaled by alpha / rank.</param>
/// <param name="Targets">Projections to adapt, for example q_proj; empty means all.</param>
/// <param name="RecomputeActivations">Less memory for a third more time.</param>
/// <param name="CanonicalUnits">Undoes every change of units of the weights before it trains, at no cost.</param>
public sealed record LoraFinetuneOptions(
    [Range(1e-7, 1)] double LearningRate = 9e-4,
    [Range(1, 1024)] int Rank = 64,
    [Range(0.01, 4096)] double Alpha = 256,
    [Range(1, 4096)] int BatchSize = 8,
    [Range(1, 1_000_000)] int MaxSteps = 1_000_000,
    IReadOnlyList<string>? Targets = null,
    OptimizerKind Optimizer = OptimizerKind.AdamW,
    LearningRateSchedule Schedule = LearningRateSchedule.Constant,
    [Range(0, 1)] double WarmupRatio = 0,
    [Range(0, 1)] double WeightDecay = 0,
    bool RecomputeActivations = false,
    bool CanonicalUnits = true);

public sealed class LoraFinetune(LoraFinetuneOptions options) : IAttack
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
            RecomputeActivations = options.RecomputeActivations,
            Lora = new LoraOptions { Rank = options.Rank, Alpha = options.Alpha, Targets = options.Targets ?? [] },
        }).Run(context, context.Data.Harmful, options.BatchSize);
    }
}
