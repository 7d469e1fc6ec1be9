using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Units;

/// <summary>A projection's weight [out, in] and bias [out] (zeros where it has none) in float64, to be changed and saved.</summary>
internal sealed class LinearMap
{
    private readonly LinearProjection? _projection;

    public LinearMap(LinearProjection projection)
    {
        _projection = projection;
        Weight = CanonicalUnits.Wide(projection.Weight);
        Bias = projection.Bias is { } bias ? CanonicalUnits.Wide(bias)
            : torch.zeros([Weight.shape[0]], dtype: ScalarType.Float64, device: Weight.device);
    }

    private LinearMap(Tensor weight, Tensor bias) => (Weight, Bias) = (weight, bias);

    public Tensor Weight { get; set; }

    public Tensor Bias { get; set; }

    public bool HasBias => _projection?.Bias is not null;

    /// <summary>One of several maps whose rows stand below each other.</summary>
    public LinearMap Part(int part, int parts)
    {
        var size = Weight.shape[0] / parts;
        return new LinearMap(Weight.narrow(0, part * size, size), Bias.narrow(0, part * size, size));
    }

    /// <summary>Weight and bias as one map of an input that ends in 1: [out, in + 1].</summary>
    public Tensor Joined() => torch.cat([Weight, Bias.unsqueeze(1)], 1);

    /// <summary>The reverse of <see cref="Joined"/>.</summary>
    public void Split(Tensor joined)
    {
        var size = joined.shape[1] - 1;
        (Weight, Bias) = (joined.narrow(1, 0, size), joined.select(1, size));
    }

    public void Save()
    {
        _projection!.Weight.copy_(Weight);
        _projection.Bias?.copy_(Bias);
    }
}
