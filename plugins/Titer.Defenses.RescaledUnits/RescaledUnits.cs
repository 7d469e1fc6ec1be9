// Control: the undefended weights in other units. Values are multiplied by a power of two and outputs divided by it, which no answer shows, to the
// bit; a learning rate that fits no more is the whole defense (the rescaling symmetry of Dinh et al. 2017, arXiv 1703.04933). A board that tells it
// from no_defense measures units.
using System.ComponentModel.DataAnnotations;
using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Models;

[assembly: TiterPlugin("rescaled_units", SdkApi.Level, Summary = "The undefended function in other units. A control.", Paper = "arXiv:1703.04933",
    EntersByDefault = false)]

namespace Titer.Defenses.RescaledUnits;

/// <param name="Doublings">Of the values' units; a power of two is exact in every floating type.</param>
public sealed record RescaledUnitsOptions([Range(-12, 12)] int Doublings = 8);

/// <summary>W_v and b_v times 2^n, W_o times 2^-n, in every block.</summary>
public sealed class RescaledUnits(RescaledUnitsOptions options) : IDefense
{
    /// <summary>Queries, keys and values of GPT-2 lie in one map, below each other.</summary>
    private const int Joined = 3;

    public void Immunize(DefenseContext context)
    {
        using var noGrad = torch.no_grad();
        var factor = Math.Pow(2, options.Doublings);
        foreach (var block in context.Model.Projections.GroupBy(p => p.Block))
        {
            using var scope = torch.NewDisposeScope();
            foreach (var values in Values(block)) values.mul_(factor);
            // The first one is attention's: GPT-2 calls its MLP's likewise.
            block.First(p => p.Name is "o_proj" or "c_proj").Weight.div_(factor);
        }

        context.Step();
    }

    /// <summary>[out, in] and [out] of the values.</summary>
    private static IEnumerable<torch.Tensor> Values(IEnumerable<LinearProjection> block)
    {
        var map = block.First(p => p.Name is "v_proj" or "c_attn");
        foreach (var rows in new[] { map.Weight, map.Bias }.OfType<torch.Tensor>())
        {
            var size = rows.shape[0] / Joined;
            yield return map.Name == "v_proj" ? rows : rows.narrow(0, (Joined - 1) * size, size);
        }
    }
}
