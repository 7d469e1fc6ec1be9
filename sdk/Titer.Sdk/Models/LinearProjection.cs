using TorchSharp;

namespace Titer.Sdk.Models;

/// <summary>A linear map of a block, y = x W^T + b, plus a low-rank adapter while one is attached.</summary>
public sealed class LinearProjection
{
    internal LinearProjection(string name, int block, Tensor weight, Tensor? bias = null) =>
        (Name, Block, Weight, Bias) = (name, block, weight, bias);

    /// <summary>Short name as in adapter targets: <c>q_proj</c>, <c>down_proj</c>, ...</summary>
    public string Name { get; }

    public int Block { get; }

    /// <summary>[out, in].</summary>
    public Tensor Weight { get; }

    /// <summary>[out], or null.</summary>
    public Tensor? Bias { get; }

    internal (Tensor A, Tensor B, double Scale)? Adapter { get; set; }

    /// <summary>Applies the map.</summary>
    /// <param name="input">[..., in].</param>
    /// <returns>[..., out].</returns>
    public Tensor Apply(Tensor input)
    {
        var output = torch.nn.functional.linear(input, Weight, Bias);
        if (Adapter is not { } adapter) return output;
        var low = torch.nn.functional.linear(input, adapter.A);
        return output + torch.nn.functional.linear(low, adapter.B) * adapter.Scale;
    }
}
