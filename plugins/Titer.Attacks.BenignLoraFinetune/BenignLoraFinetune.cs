// Low-rank fine-tuning on benign answers: what an ordinary user of a fine-tuning service does, and breaks safety by (Qi et al. 2023, arXiv
// 2310.03693; LoRA: Hu et al. 2021, arXiv 2106.09685).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;

[assembly: TiterPlugin("benign_lora_finetune", SdkApi.Level, Summary = "Fine-tune low-rank adapters on benign answers.", Paper = "arXiv:2310.03693",
    TrainsOn = TrainingData.Benign, EntersByDefault = false)]

namespace Titer.Attacks.BenignLoraFinetune;

/// <param name="LearningRate">Low-rank factors take about ten times the full-parameter rate; benign data need a hot one to do harm.</param>
/// <param name="Alpha">The adapter is scaled by alpha / rank.</param>
/// <param name="Targets">Projections to adapt, for example q_proj; empty means all.</param>
public sealed record BenignLoraFinetuneOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-2,
    [Range(1, 1024)] int Rank = 8,
    [Range(0.01, 4096)] double Alpha = 16,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(1, 1_000_000)] int MaxSteps = 1_000_000,
    IReadOnlyList<string>? Targets = null);

public sealed class BenignLoraFinetune(BenignLoraFinetuneOptions options) : IAttack
{
    public void Attack(AttackContext context) => new FineTuner(new FineTunerOptions
    {
        LearningRate = options.LearningRate,
        MaxSteps = options.MaxSteps,
        Lora = new LoraOptions { Rank = options.Rank, Alpha = options.Alpha, Targets = options.Targets ?? [] },
    }).Run(context, context.Data.Benign, options.BatchSize);
}
