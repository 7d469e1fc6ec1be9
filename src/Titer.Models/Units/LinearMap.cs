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

    /// <summary>Some rows as a map of their own.</summary>
    public LinearMap Rows(long start, long count) => new(Weight.narrow(0, start, count), Bias.narrow(0, start, count));

    /// <summary>Rows of every head: [heads, size] of which those from <paramref name="start"/> on are taken.</summary>
    public LinearMap RowsOfHeads(int heads, long start, long count)
    {
        var (rows, biases) = (Weight.view(heads, -1, Weight.shape[1]), Bias.view(heads, -1));
        return new LinearMap(rows.narrow(1, start, count).reshape(heads * count, -1), biases.narrow(1, start, count).reshape(-1));
    }

    /// <summary>With a gain of each row beside its weights, so that what moves rows moves gains.</summary>
    public LinearMap WithGain(Tensor gain) => new(torch.cat([Weight, gain.unsqueeze(1)], 1), Bias);

    /// <summary>The rows of several maps below each other.</summary>
    public void Stack(params LinearMap[] parts) =>
        (Weight, Bias) = (torch.cat([.. parts.Select(p => p.Weight)], 0), torch.cat([.. parts.Select(p => p.Bias)], 0));

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
