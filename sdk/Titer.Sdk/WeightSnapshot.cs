using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk;

/// <summary>A copy of weights at one moment. Dispose it to free the memory.</summary>
public sealed class WeightSnapshot : IDisposable
{
    private readonly ParameterArena _arena;
    private readonly Tensor _copy;

    internal WeightSnapshot(ParameterArena arena)
    {
        using var noGrad = torch.no_grad();
        (_arena, _copy) = (arena, arena.Flat.clone().DetachFromDisposeScope());
    }

    /// <summary>Writes the copied values back into the same parameters.</summary>
    public void Restore()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        _arena.Flat.copy_(_copy);
    }

    public void Dispose() => _copy.Dispose();
}
