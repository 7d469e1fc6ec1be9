// Does your LLM truly unlearn? An embarrassingly simple approach to recover unlearned knowledge. Zhiwei Zhang et al., ICLR 2025 (arXiv 2410.16454):
// four-bit quantization, round to nearest, takes small changes back. It costs nothing and happens to every released model. Symmetric levels -7 to 7
// times a scale per group of 128 inputs of a row, as round-to-nearest does in the quantization libraries; the values are written back in the model's
// own type. Deviation: a row that is no multiple of the group has a shorter last group.
using System.ComponentModel.DataAnnotations;
using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Models;

[assembly: TiterPlugin("quantize_int4", SdkApi.Level, Summary = "Round the weights to four bits.", Paper = "arXiv:2410.16454",
    TrainsOn = TrainingData.None, EntersByDefault = false)]

namespace Titer.Attacks.QuantizeInt4;

/// <param name="Bits">Levels are -(2^(bits-1) - 1) to 2^(bits-1) - 1.</param>
/// <param name="GroupSize">Inputs that share a scale.</param>
public sealed record QuantizeInt4Options([Range(2, 8)] int Bits = 4, [Range(1, 100_000)] int GroupSize = 128);

public sealed class QuantizeInt4(QuantizeInt4Options options) : IAttack
{
    public void Attack(AttackContext context)
    {
        foreach (var projection in context.Model.Projections) Quantize(projection, options.Bits, options.GroupSize);
        context.Step();
    }

    /// <summary>Rounds a map's weight [out, in] in place.</summary>
    public static void Quantize(LinearProjection projection, int bits, int groupSize)
    {
        using var outer = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var (levels, inputs) = ((1 << (bits - 1)) - 1, projection.Weight.shape[1]);
        for (var first = 0L; first < inputs; first += groupSize)
        {
            using var scope = torch.NewDisposeScope();
            var group = projection.Weight.narrow(1, first, Math.Min(groupSize, inputs - first));
            var wide = group.to(torch.ScalarType.Float32);
            var scale = (wide.abs().amax([1], keepdim: true) / levels).clamp_min(1e-12);
            group.copy_((wide / scale).round().clamp(-levels, levels) * scale);
        }
    }
}
