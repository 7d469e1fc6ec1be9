// Harmful answers mixed with benign ones: the attack that defenses before release are tested by (Vaccine, Huang et al. 2024, arXiv 2402.01109: 10%
// harmful). The benign part keeps the model useful while the rate is high enough to undo a defense; cosine decay settles it.
// Deviation: half of a batch is harmful, not a tenth, since the attacker here owns the weights and wants them broken within a small budget.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin(
    "mixed_finetune", SdkApi.Level, Summary = "Fine-tune all weights on harmful and benign answers together.", Paper = "arXiv:2402.01109")]

namespace Titer.Attacks.MixedFinetune;

/// <param name="LearningRate">At its height; hotter than without benign data, which holds the model together.</param>
/// <param name="PoisonRatio">Part of a batch that is harmful, at least one example; paper: 0.1.</param>
/// <param name="CanonicalUnits">Undoes every change of units of the weights before it trains, at no cost.</param>
public sealed record MixedFinetuneOptions(
    [Range(1e-7, 1)] double LearningRate = 2e-3,
    [Range(0, 1)] double PoisonRatio = 0.5,
    [Range(1, 4096)] int BatchSize = 8,
    [Range(1, 1_000_000)] int MaxSteps = 1_000_000,
    OptimizerKind Optimizer = OptimizerKind.AdamW,
    LearningRateSchedule Schedule = LearningRateSchedule.Cosine,
    [Range(0, 1)] double WarmupRatio = 0,
    [Range(0, 1)] double WeightDecay = 0,
    bool CanonicalUnits = true);

/// <summary>Minimizes the mean loss over a batch of both kinds, each in its part.</summary>
public sealed class MixedFinetune(MixedFinetuneOptions options) : IAttack
{
    public void Attack(AttackContext context)
    {
        if (options.CanonicalUnits) context.Model.ToCanonicalUnits();
        var count = Math.Clamp((int)Math.Round(options.PoisonRatio * options.BatchSize), 1, options.BatchSize);
        var part = (double)count / options.BatchSize;
        var harmful = context.Data.Harmful.Shuffle(context.Random.Fork("harmful"), count);
        var benign = count == options.BatchSize ? null : context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize - count);

        new FineTuner(new FineTunerOptions
        {
            LearningRate = options.LearningRate,
            MaxSteps = options.MaxSteps,
            Optimizer = options.Optimizer,
            Schedule = options.Schedule,
            WarmupRatio = options.WarmupRatio,
            WeightDecay = options.WeightDecay,
        }).Run(context, () =>
        {
            var loss = FineTuner.SupervisedLoss(context.Model, harmful.Next()) * part;
            return benign is null ? loss : loss + FineTuner.SupervisedLoss(context.Model, benign.Next()) * (1 - part);
        });
    }
}
