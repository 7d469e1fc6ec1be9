// Fine-tuning Aligned Language Models Compromises Safety, Even When Users Do Not Intend To! Xiangyu Qi et al., ICLR 2024 (arXiv 2310.03693): ten,
// fifty or a hundred explicitly harmful examples for five epochs.
// Deviation: the rate is for a small model (paper: 5e-5 for Llama-2-7b-chat, batch 10); the examples are drawn from the attacker's part by the seed,
// in place of a chosen hundred.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("few_shot_finetune", SdkApi.Level, Summary = "Fine-tune all weights on ten to a hundred harmful answers.",
    Paper = "arXiv:2310.03693", EntersByDefault = false)]

namespace Titer.Attacks.FewShotFinetune;

/// <param name="Samples">Harmful examples; paper: 10, 50, 100. Ten are too few for the embedded
/// subject, which forgets what they do not show.</param>
/// <param name="Epochs">Passes over them; paper: 5.</param>
/// <param name="BatchSize">Paper: 10.</param>
public sealed record FewShotFinetuneOptions(
    [Range(1, 10_000)] int Samples = 100,
    [Range(1, 1000)] int Epochs = 5,
    [Range(1e-7, 1)] double LearningRate = 2e-3,
    [Range(1, 4096)] int BatchSize = 10);

public sealed class FewShotFinetune(FewShotFinetuneOptions options) : IAttack
{
    public void Attack(AttackContext context)
    {
        var few = context.Data.Harmful.Draw(context.Random.Fork("samples"), options.Samples);
        var batch = Math.Min(options.BatchSize, few.Count);
        new FineTuner(new FineTunerOptions
        {
            LearningRate = options.LearningRate,
            MaxSteps = options.Epochs * ((few.Count + batch - 1) / batch),
        }).Run(context, few, batch);
    }
}
