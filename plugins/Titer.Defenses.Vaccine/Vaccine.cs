// Vaccine: Perturbation-aware Alignment for Large Language Models against Harmful Fine-tuning Attack. Tiansheng Huang, Sihao Hu, Ling Liu,
// NeurIPS 2024 (arXiv 2402.01109). Every step: one pass for the gradients at the attention modules' outputs, then a pass with those outputs
// perturbed by rho * gradient / (global norm over all layers + 1e-7), and a step on the perturbed loss.
// Deviation: benign chat is part of the alignment batch (retain_weight); 0 gives the paper's loss.
using System.ComponentModel.DataAnnotations;
using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("vaccine", SdkApi.Level, Summary = "Align under the worst perturbation of attention outputs.", Paper = "arXiv:2402.01109")]

namespace Titer.Defenses.Vaccine;

/// <param name="LearningRate">Of AdamW; paper: 1e-3.</param>
/// <param name="Rho">Size of the perturbation; paper: 2.</param>
/// <param name="BatchSize">Refusals per step; paper: 5.</param>
public sealed record VaccineOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(0, 1000)] double Rho = 2,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(0, 1)] double WeightDecay = 0.1,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Perturbation-aware alignment.</summary>
public sealed class Vaccine(VaccineOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        var tuner = new FineTuner(new FineTunerOptions
        {
            LearningRate = options.LearningRate,
            MaxSteps = options.MaxSteps,
            WeightDecay = options.WeightDecay,
        });

        tuner.Run(context, () =>
        {
            var refusal = pairs.Next().Refusal;
            var loss = VaccineLoss.Perturbed(context.Model, refusal.InputIds, logits => CausalLoss.CrossEntropy(logits, refusal.Labels),
                options.Rho);
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(context.Model, benign.Next());
        });
    }
}
