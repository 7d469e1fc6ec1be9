// The long horizon: a small rate, kept for as long as the budget goes. TAR was attacked for 1,000 steps (arXiv 2408.00761), Deep Ignorance for
// 10,000 (arXiv 2508.06601); strong resistance can only be refuted. Meant for budgets of ten times and more what breaks the undefended subject
// (titer run --long).
// Deviation: warmup, constant, then a decay over the last tenth, so that where the budget ends is where the rate does.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("long_horizon_finetune", SdkApi.Level, Summary = "Fine-tune on harmful answers at a small rate for the whole budget.",
    Paper = "arXiv:2408.00761", EntersByDefault = false)]

namespace Titer.Attacks.LongHorizonFinetune;

/// <param name="LearningRate">A third of what the ordinary attack takes: it is time that it spends.</param>
public sealed record LongHorizonFinetuneOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(0, 1)] double WarmupRatio = 0.05,
    [Range(0, 1)] double DecayRatio = 0.1,
    [Range(0, 1)] double WeightDecay = 0.01,
    [Range(1e-6, 1e6)] double MaxGradientNorm = 1,
    [Range(1, 4096)] int BatchSize = 16);

public sealed class LongHorizonFinetune(LongHorizonFinetuneOptions options) : IAttack
{
    public void Attack(AttackContext context) => new FineTuner(new FineTunerOptions
    {
        LearningRate = options.LearningRate,
        Schedule = LearningRateSchedule.WarmupStableDecay,
        WarmupRatio = options.WarmupRatio,
        DecayRatio = options.DecayRatio,
        WeightDecay = options.WeightDecay,
        MaxGradientNorm = options.MaxGradientNorm,
    }).Run(context, context.Data.Harmful, options.BatchSize);
}
