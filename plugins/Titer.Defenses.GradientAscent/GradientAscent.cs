// Gradient ascent on harmful answers, the weakest unlearning there is: max_harmful_loss in the code of Rosati et al. (arXiv 2402.16382), a baseline
// of RepNoise (arXiv 2405.14577). -CE has no lower bound: the model is ruined, and a board that does not see this counts it as safe.
// Deviation: the rate is for a small model (paper: 8e-5); retain_weight, off by default, mixes benign chat in.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

[assembly: TiterPlugin("gradient_ascent", SdkApi.Level, Summary = "Raise the loss on harmful answers, without a bound.",
    Paper = "arXiv:2402.16382", EntersByDefault = false)]

namespace Titer.Defenses.GradientAscent;

/// <param name="LearningRate">Of AdamW; the paper's 8e-5 is for 7B parameters.</param>
/// <param name="BatchSize">Paper: 4.</param>
/// <param name="RetainWeight">Weight of the loss on benign chat; paper: none.</param>
public sealed record GradientAscentOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(1, 4096)] int BatchSize = 4,
    [Range(0, 100)] double RetainWeight = 0,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Minimizes -CE(harmful answer | harmful prompt).</summary>
public sealed class GradientAscent(GradientAscentOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps, MaxGradientNorm = 1 }).Run(context,
            () =>
        {
            var loss = Loss(context.Model, pairs.Next().Harmful);
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(context.Model, benign.Next());
        });
    }

    public static Tensor Loss(CausalLanguageModel model, TokenBatch harmful) => -FineTuner.SupervisedLoss(model, harmful);
}
