using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Runtime.Phases;

/// <summary>Two sums over all weights, by their bits: cheap, and other after any change that matters. Needs no copy of the model.</summary>
internal readonly record struct WeightsMark(long Sum, long Norm)
{
    public static WeightsMark Of(CausalLanguageModel model)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var flat = model.Arena.Flat;
        return new WeightsMark(
            BitConverter.DoubleToInt64Bits(flat.sum(torch.ScalarType.Float64).ToDouble()),
            BitConverter.DoubleToInt64Bits(flat.norm().ToDouble()));
    }
}
