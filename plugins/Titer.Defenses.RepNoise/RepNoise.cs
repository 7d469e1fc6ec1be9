// Representation Noising: A Defence Mechanism Against Harmful Finetuning. Domenic Rosati et al., NeurIPS 2024 (arXiv 2405.14577).
// Loss = CE(refusal) + beta * mean over blocks of MMD(MLP output, noise) - alpha * log(mean layer-wise CE(harmful) + 1), see RepNoiseLoss.
// Deviation: benign chat is mixed in (retain_weight), since the pairs alone cost utility on a small model; 0 gives the paper's loss.
using System.ComponentModel.DataAnnotations;
using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("repnoise", SdkApi.Level, Summary = "Push harmful representations towards noise at every depth.", Paper = "arXiv:2405.14577")]

namespace Titer.Defenses.RepNoise;

/// <param name="LearningRate">Of AdamW; paper: 2e-5 at 7B parameters.</param>
/// <param name="Alpha">Weight of the layer-wise ascent; paper: 1.</param>
/// <param name="Beta">Weight of the noise term; paper: 0.001.</param>
/// <param name="BatchSize">Pairs per step; paper: 8.</param>
public sealed record RepNoiseOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(0, 100)] double Alpha = 1,
    [Range(0, 100)] double Beta = 0.001,
    [Range(2, 4096)] int BatchSize = 8,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Fresh noise for every block and step, from the match's generator.</summary>
public sealed class RepNoise(RepNoiseOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        using var noise = context.Random.Fork("noise");

        new FineTuner(new FineTunerOptions { LearningRate = options.LearningRate, MaxSteps = options.MaxSteps, MaxGradientNorm = 1 }).Run(context,
            () =>
        {
            var pair = pairs.Next();
            long[] shape = [.. pair.Harmful.InputIds.shape, context.Model.Shape.Hidden];
            var loss = RepNoiseLoss.Compute(
                context.Model, pair.Harmful.InputIds, pair.Refusal.InputIds,
                _ => noise.Normal(shape, context.Device.DataType),
                options.Alpha, options.Beta).Total;
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(context.Model, benign.Next());
        });
    }
}
