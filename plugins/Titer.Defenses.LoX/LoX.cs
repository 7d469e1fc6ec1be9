// LoX: Low-Rank Extrapolation Robustifies LLM Safety Against Fine-tuning. Gabrel J. Perin et al., COLM 2025 (arXiv 2506.15606):
// W = W_base + dW + alpha * Proj_k(dW), dW = W_aligned - W_base, Proj_k(dW) = U_k U_k^T dW = U_k S_k V_k^T. No training of its own.
// Deviation: a defender here has no weights of before the alignment. The subject as it is given is the base, and refusal training with benign chat
// (safety_sft's loss) for max_steps is the alignment that is extrapolated. Only linear maps of blocks are (not embeddings).
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;
using static TorchSharp.torch;

[assembly: TiterPlugin("lox", SdkApi.Level, Summary = "Align, then extrapolate the alignment along its leading directions.",
    Paper = "arXiv:2506.15606", EntersByDefault = false)]

namespace Titer.Defenses.LoX;

/// <param name="LearningRate">Of AdamW, for the alignment.</param>
/// <param name="Rank">k, leading singular directions; paper: 6.</param>
/// <param name="Alpha">How far to go on along them; paper: 1.25.</param>
/// <param name="BatchSize">Refusals per step, and as many benign chats.</param>
public sealed record LoXOptions(
    [Range(1e-7, 1)] double LearningRate = 3e-4,
    [Range(1, 100_000)] int Rank = 6,
    [Range(0, 100)] double Alpha = 1.25,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

public sealed class LoX(LoXOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        using var scope = NewDisposeScope();
        Tensor[] before = [.. context.Model.Projections.Select(p => p.Weight.detach().clone())];
        Align(context);
        using var noGrad = no_grad();
        foreach (var (projection, start) in context.Model.Projections.Zip(before))
        {
            using var one = NewDisposeScope();
            var change = projection.Weight.to(ScalarType.Float32) - start.to(ScalarType.Float32);
            projection.Weight.copy_(projection.Weight + options.Alpha * Leading(change, options.Rank));
        }
    }

    /// <summary>The part of a matrix in its first singular directions: U_k S_k V_k^T.</summary>
    /// <param name="change">[out, in].</param>
    public static Tensor Leading(Tensor change, int rank)
    {
        ArgumentNullException.ThrowIfNull(change);
        var (u, s, v) = linalg.svd(change, fullMatrices: false);
        var k = Math.Min(rank, s.shape[0]);
        return mm(u.narrow(1, 0, k) * s.narrow(0, 0, k), v.narrow(0, 0, k));
    }

    private void Align(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps }).Run(context, () =>
        {
            var safe = FineTuner.SupervisedLoss(context.Model, pairs.Next().Refusal);
            return options.RetainWeight == 0 ? safe : safe + options.RetainWeight * FineTuner.SupervisedLoss(context.Model, benign.Next());
        });
    }
}
