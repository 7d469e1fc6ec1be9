// Name the paper here: title, authors, year, and what your code simplifies.
// This one mixes harmful examples into benign ones, as Huang et al. 2024 (Vaccine, arXiv 2402.01109) poison a user's data set.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("my_attack", SdkApi.Level, Summary = "Full fine-tuning on benign data with a part of harmful examples.",
    TrainsOn = TrainingData.Harmful)]

namespace MyAttack;

/// <summary>One positional record: a default for every option, ranges by attributes; set in tournament files as poison_ratio, ...</summary>
public sealed record AttackOptions(
    [Range(1e-7, 1)] double LearningRate = 2e-4,
    [Range(2, 4096)] int BatchSize = 16,
    [Range(0, 1)] double PoisonRatio = 0.5);

public sealed class Attack(AttackOptions options) : IAttack
{
    void IAttack.Attack(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var poison = Math.Clamp((int)Math.Round(options.PoisonRatio * options.BatchSize), 1, options.BatchSize - 1);
        var harmful = context.Data.Harmful.Shuffle(context.Random.Fork("harmful"), poison);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize - poison);

        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate }).Run(context, () =>
            FineTuner.SupervisedLoss(context.Model, harmful.Next()) * options.PoisonRatio
            + FineTuner.SupervisedLoss(context.Model, benign.Next()) * (1 - options.PoisonRatio));
    }
}
