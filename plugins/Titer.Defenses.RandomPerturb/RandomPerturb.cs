// Control of Vaccine (Huang, Hu, Liu, NeurIPS 2024, arXiv 2402.01109): alignment under a perturbation of attention outputs that is as large as
// Vaccine's and points nowhere. What Vaccine does better than this, it does by the direction.
// Deviation: benign chat is part of the batch, unperturbed (retain_weight), as in our Vaccine; 0 turns that off.
using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;

[assembly: TiterPlugin("random_perturb", SdkApi.Level, Summary = "Align under random noise of Vaccine's size. A control.",
    Paper = "arXiv:2402.01109", EntersByDefault = false)]

namespace Titer.Defenses.RandomPerturb;

/// <param name="LearningRate">Of AdamW; paper: 1e-3.</param>
/// <param name="Rho">Norm of the perturbation over all layers together; paper: 2.</param>
/// <param name="BatchSize">Refusals per step; paper: 5.</param>
public sealed record RandomPerturbOptions(
    [Range(1e-7, 1)] double LearningRate = 1e-3,
    [Range(0, 1000)] double Rho = 2,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(0, 1)] double WeightDecay = 0.1,
    [Range(0, 100)] double RetainWeight = 1,
    [Range(1, 1_000_000)] int MaxSteps = 100);

/// <summary>Vaccine with a random direction in place of the gradient's.</summary>
public sealed class RandomPerturb(RandomPerturbOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), options.BatchSize);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), options.BatchSize);
        using var noise = context.Random.Fork("noise");
        var tuner = new FineTuner(new FineTunerOptions
        {
            LearningRate = options.LearningRate,
            MaxSteps = options.MaxSteps,
            WeightDecay = options.WeightDecay,
        });

        tuner.Run(context, () =>
        {
            var loss = RandomPerturbLoss.Compute(context.Model, pairs.Next().Refusal, options.Rho, noise);
            return options.RetainWeight == 0 ? loss : loss + options.RetainWeight * FineTuner.SupervisedLoss(context.Model, benign.Next());
        });
    }
}
