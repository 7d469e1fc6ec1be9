// Self-Destructive Language Model (SEAM). Yuhui Wang et al., ICLR 2026 (arXiv 2505.12186): L = L_ul + alpha * L_up + beta * L_sd. L_ul =
// -log(mean over layers of CE(harmful) + 1), L_up = CE(refusal), L_sd = cos(g_a, g_b): harmful and benign gradients are to point apart, so that who
// trains on harm ruins the model. Its gradient without a Hessian, by two more gradients at moved weights (epsilon).
// Deviations: the rate is for a small model (paper: 2e-5); constant (cosine there); benign chat is part of the loss (retain_weight), 0 gives the
// paper's.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("seam", SdkApi.Level, Summary = "Turn harmful gradients against benign ones: who trains on harm ruins the model.",
    Paper = "arXiv:2505.12186", EntersByDefault = false)]

namespace Titer.Defenses.Seam;

/// <param name="LearningRate">Of AdamW; paper: 2e-5 at 7B parameters.</param>
/// <param name="Alpha">Weight of the refusals; paper: 1.</param>
/// <param name="Beta">Weight of the self-destruction; paper: 0.01.</param>
/// <param name="Epsilon">Length of the move by which curvature is felt; paper: 1e-3.</param>
/// <param name="BatchSize">Paper: 4.</param>
public sealed record SeamOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(0, 100)] double Alpha = 1,
    [Range(0, 100)] double Beta = 0.01,
    [Range(1e-8, 1)] double Epsilon = 1e-3,
    [Range(1, 4096)] int BatchSize = 4,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

public sealed class Seam(SeamOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var model = context.Model;
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps, MaxGradientNorm = 1 }).Run(context,
            () =>
        {
            var (pair, chat) = (pairs.Next(), benign.Next());
            // What the loop's backward pass of the other terms is added to.
            model.Arena.FlatGradient.add_(options.Beta * SeamLoss.SelfDestructionGradient(model, pair.Harmful, chat, options.Epsilon));
            var loss = SeamLoss.Unlearning(model, pair.Harmful) + options.Alpha * FineTuner.SupervisedLoss(model, pair.Refusal);
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(model, chat);
        });
    }
}
