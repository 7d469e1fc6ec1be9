using TorchSharp;
using Titer.Sdk.Models;

namespace Titer.Sdk;

/// <summary>A copy of weights at one moment. Dispose it to free the memory.</summary>
public sealed class WeightSnapshot : IDisposable
{
    private readonly (Tensor Parameter, Tensor Copy)[] _pairs;

    internal WeightSnapshot(IReadOnlyList<NamedParameter> parameters)
    {
        using var noGrad = torch.no_grad();
        _pairs = [.. parameters.Select(p => (p.Tensor, p.Tensor.detach().clone().DetachFromDisposeScope()))];
    }

    /// <summary>Writes the copied values back into the same parameters.</summary>
    public void Restore()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var (parameter, copy) in _pairs)
            parameter.copy_(copy);
    }

    /// <summary>True when no value changed since the copy was made.</summary>
    internal bool Matches()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        return _pairs.All(pair => pair.Parameter.eq(pair.Copy).all().item<bool>());
    }

    public void Dispose()
    {
        foreach (var (_, copy) in _pairs)
            copy.Dispose();
    }
}
