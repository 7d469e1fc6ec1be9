// Benign first, harmful then: the retain-forget switch of TAR's red team (Tamirisa et al., ICLR 2025, arXiv 2408.00761; 40% of the steps on benign
// data), with the warmup and the cosine that broke TAR in Princeton's re-run (Qi et al., ICLR 2025, arXiv 2412.07097). A defense that is trained
// against steps from its own weights is met somewhere else.
// Deviation: one rate for both phases by default, for a small model (2e-5 there).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("two_phase_finetune", SdkApi.Level, Summary = "Fine-tune on benign answers, then on harmful ones, with warmup and cosine.",
    Paper = "arXiv:2408.00761", EntersByDefault = false)]

namespace Titer.Attacks.TwoPhaseFinetune;

/// <param name="RetainRatio">Part of the steps on benign answers; TAR's red team: 0.4.</param>
/// <param name="RetainLearningRate">Of the benign phase.</param>
/// <param name="WarmupRatio">Of the harmful phase's steps.</param>
public sealed record TwoPhaseFinetuneOptions(
    [Range(0, 0.95)] double RetainRatio = 0.4,
    [Range(1e-7, 1)] double RetainLearningRate = 1e-3,
    [Range(1e-7, 1)] double LearningRate = 3e-3,
    [Range(0, 1)] double WarmupRatio = 0.1,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(1, 1_000_000)] int MaxSteps = 1_000_000);

public sealed class TwoPhaseFinetune(TwoPhaseFinetuneOptions options) : IAttack
{
    public void Attack(AttackContext context)
    {
        var steps = Math.Min(options.MaxSteps, context.Budget.StepsLeft);
        var retain = (int)(options.RetainRatio * steps);
        if (retain > 0) new FineTuner(new FineTunerOptions { LearningRate = options.RetainLearningRate, MaxSteps = retain }).Run(context,
            context.Data.Benign, options.BatchSize);
        new FineTuner(new FineTunerOptions
        {
            LearningRate = options.LearningRate,
            MaxSteps = steps - retain,
            Schedule = LearningRateSchedule.Cosine,
            WarmupRatio = options.WarmupRatio,
        }).Run(context, context.Data.Harmful, options.BatchSize);
    }
}
