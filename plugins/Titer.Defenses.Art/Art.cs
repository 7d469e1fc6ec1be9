// Abliteration-resistant tuning (ART, arXiv 2605.26526; no code was found): each step estimate the refusal direction of the weights as they are,
// simulate the worst ablation within a budget, and keep refusing on the ablated forward pass.
// Made from a summary of the paper. What it leaves open is chosen here: directions are differences of means at the prompt's last token after each
// block (Arditi et al., arXiv 2406.11717); an ablation takes one of them out of the embedding and of all that attention and MLP write; the
// budget is how many blocks' directions are tried in a step, the one with the highest refusal loss counts; plain refusals and benign chat beside it.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Training;
using static TorchSharp.torch;

[assembly: TiterPlugin("art", SdkApi.Level, Summary = "Keep refusing while the refusal direction is taken out.", Paper = "arXiv:2605.26526",
    EntersByDefault = false)]

namespace Titer.Defenses.Art;

/// <param name="LearningRate">Of AdamW.</param>
/// <param name="AblationWeight">Weight of the refusals under ablation.</param>
/// <param name="Candidates">Blocks whose direction is tried in a step.</param>
/// <param name="BatchSize">Forbidden prompts per step, and as many benign ones.</param>
public sealed record ArtOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(0, 100)] double AblationWeight = 1,
    [Range(1, 1000)] int Candidates = 4,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Minimizes CE(refusal) + ablation_weight * CE(refusal | worst ablation) + retain_weight * CE(benign).</summary>
public sealed class Art(ArtOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var model = context.Model;
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        var blocks = context.Random.Fork("blocks");
        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps, MaxGradientNorm = 1 }).Run(context,
            () =>
        {
            var (refusal, chat) = (pairs.Next().Refusal, benign.Next());
            var directions = Ablation.Directions(model, refusal, chat);
            int[] tried = [.. blocks.Permutation(model.Shape.Blocks).Take(options.Candidates)];
            var worst = tried.Length == 1 ? tried[0] : tried.MaxBy(block => Value(() => Ablation.Loss(model, refusal, directions[block])));
            var loss = FineTuner.SupervisedLoss(model, refusal) + options.AblationWeight * Ablation.Loss(model, refusal, directions[worst]);
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(model, chat);
        });
    }

    private static double Value(Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return loss().to(ScalarType.Float64).item<double>();
    }
}
