// Booster: Tackling Harmful Fine-tuning for Large Language Models via Attenuating Harmful Perturbation. Tiansheng Huang et al., ICLR 2025
// (arXiv 2409.01586): min f(w) + lambda * (h(w) - h(w - alpha * grad h(w) / |grad h(w)|)), f on refusals, h on harmful answers. First order, as the
// authors' code: grad f(w) + lambda * (grad h(w) - grad h(w~)), three passes a step.
// Deviation: all weights in place of a LoRA; benign chat is part of f (retain_weight), 0 gives the paper's.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using static TorchSharp.torch;

[assembly: TiterPlugin("booster", SdkApi.Level, Summary = "Flatten the harmful loss along an attacker's first step.",
    Paper = "arXiv:2409.01586", EntersByDefault = false)]

namespace Titer.Defenses.Booster;

/// <param name="LearningRate">Of AdamW; paper: 5e-4.</param>
/// <param name="Lambda">Weight of what an attacker's step gains; paper: 5.</param>
/// <param name="Alpha">Length of that step; paper: 0.1.</param>
/// <param name="BatchSize">Refusals, and as many harmful answers; paper: 10.</param>
public sealed record BoosterOptions(
    [Range(1e-7, 1)] double LearningRate = 5e-4,
    [Range(0, 1000)] double Lambda = 5,
    [Range(0, 100)] double Alpha = 0.1,
    [Range(1, 4096)] int BatchSize = 10,
    [Range(0, 1)] double WeightDecay = 0.1,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

public sealed class Booster(BoosterOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var model = context.Model;
        var aligned = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var harmful = context.Data.Pairs.Shuffle(context.Random.Fork("harmful"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        new FineTuner(new FineTunerOptions
        {
            LearningRate = options.LearningRate,
            MaxSteps = options.MaxSteps,
            WeightDecay = options.WeightDecay,
        }).Run(context, () =>
        {
            // What the loop's backward pass of f is added to.
            model.Arena.FlatGradient.add_(Attenuation(model, harmful.Next().Harmful, options.Lambda, options.Alpha));
            var loss = FineTuner.SupervisedLoss(model, aligned.Next().Refusal);
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(model, benign.Next());
        });
    }

    /// <summary>lambda * (grad h(w) - grad h(w - alpha * grad h(w) / (|grad h(w)| + 1e-7))): [count].</summary>
    public static Tensor Attenuation(CausalLanguageModel model, TokenBatch harmful, double lambda, double alpha)
    {
        ArgumentNullException.ThrowIfNull(model);
        Tensor Loss() => FineTuner.SupervisedLoss(model, harmful);
        var here = FlatGradient.Of(model.Arena, Loss);
        var ahead = FlatGradient.At(model.Arena, here * (-alpha / (here.norm() + 1e-7)), Loss);
        return lambda * (here - ahead);
    }
}
