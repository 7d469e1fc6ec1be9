// Random noise on the weights: what any defense of small changes must survive, and the control of every edit. Noise repairs as well as it breaks
// (Panacea, arXiv 2501.18100), so its effect has no sign that is known before.
using System.ComponentModel.DataAnnotations;
using TorchSharp;
using Titer.Sdk;

[assembly: TiterPlugin("weight_perturbation", SdkApi.Level, Summary = "Add Gaussian noise to the weights, in proportion to their size.",
    Paper = "arXiv:2501.18100",
    TrainsOn = TrainingData.None, EntersByDefault = false)]

namespace Titer.Attacks.WeightPerturbation;

/// <param name="Sigma">Standard deviation of the noise over the root mean square of a matrix.</param>
public sealed record WeightPerturbationOptions([Range(0, 10)] double Sigma = 0.1);

public sealed class WeightPerturbation(WeightPerturbationOptions options) : IAttack
{
    public void Attack(AttackContext context)
    {
        using var noise = context.Random.Fork("noise");
        using var noGrad = torch.no_grad();
        foreach (var projection in context.Model.Projections)
        {
            using var scope = torch.NewDisposeScope();
            var weight = projection.Weight.to(torch.ScalarType.Float32);
            var drawn = noise.Normal(weight.shape);
            projection.Weight.copy_(weight + options.Sigma * weight.square().mean().sqrt() * drawn);
        }

        context.Step();
    }
}
