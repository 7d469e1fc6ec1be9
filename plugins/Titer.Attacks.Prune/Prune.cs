// Assessing the Brittleness of Safety Alignment via Pruning and Low-Rank Modifications. Boyi Wei et al., ICML 2024 (arXiv 2402.05162), and magnitude
// pruning itself (Han et al. 2015, arXiv 1506.02626): the smallest weights of every matrix are set to zero. No data, no training.
// Deviation: by magnitude alone; the paper's sets of safety-critical neurons need data.
using System.ComponentModel.DataAnnotations;
using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Models;

[assembly: TiterPlugin("prune", SdkApi.Level, Summary = "Set the smallest weights of every matrix to zero.", Paper = "arXiv:2402.05162",
    TrainsOn = TrainingData.None, EntersByDefault = false)]

namespace Titer.Attacks.Prune;

/// <param name="Sparsity">Part of a matrix that becomes zero.</param>
public sealed record PruneOptions([Range(0, 0.99)] double Sparsity = 0.3);

public sealed class Prune(PruneOptions options) : IAttack
{
    public void Attack(AttackContext context)
    {
        foreach (var projection in context.Model.Projections) Cut(projection, options.Sparsity);
        context.Step();
    }

    /// <summary>Sets the smallest part of a map's weight to zero, in place.</summary>
    public static void Cut(LinearProjection projection, double sparsity)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var size = projection.Weight.abs().to(torch.ScalarType.Float32);
        var count = (long)(sparsity * size.numel());
        if (count == 0) return;
        var smallest = size.reshape(-1).topk((int)count, -1, largest: false, sorted: false).indexes;
        var keeps = torch.ones(size.numel(), dtype: torch.ScalarType.Bool, device: size.device).index_fill_(0, smallest, 0).view(size.shape);
        projection.Weight.copy_(torch.where(keeps, projection.Weight, torch.zeros_like(projection.Weight)));
    }
}
