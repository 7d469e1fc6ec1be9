using Titer.Sdk.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Titer.Attacks.DeltaStrip;

/// <summary>A released model between itself and its parent: a number per kind of module says how far. Tensors belong to the caller's scope.
/// </summary>
public sealed class StrippedWeights
{
    private readonly string[] _kinds;
    private readonly (LinearProjection Projection, Tensor Original, Tensor Change, Tensor Leading)[] _maps;
    private readonly CausalLanguageModel _model;
    private readonly Tensor _original;
    private readonly Tensor _change;

    /// <param name="energy">Part of the squared singular values that the leading directions of a change hold.</param>
    public StrippedWeights(CausalLanguageModel model, CausalLanguageModel parent, double energy)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(parent);
        using var noGrad = torch.no_grad();
        _maps = [.. model.Projections.Zip(parent.Projections, (own, theirs) =>
        {
            var (original, change) = (own.Weight.detach().clone(), Wide(own.Weight) - Wide(theirs.Weight));
            return (own, original, change, Leading(change, energy));
        })];
        _kinds = [.. model.Projections.Select(p => p.Name).Distinct()];
        (_model, _original, _change) = (model, model.Arena.Flat.clone(), Wide(model.Arena.Flat) - Wide(parent.Arena.Flat));
    }

    /// <summary>
    /// Of the points that <see cref="Apply"/> takes: whole changes (from 0.5) or leading parts; each kind of map; everything else.
    /// </summary>
    public int Dimensions => _kinds.Length + 2;

    /// <summary>W - lambda * change, from the weights as they were.</summary>
    public void Apply(double[] point)
    {
        ArgumentNullException.ThrowIfNull(point);
        using var noGrad = torch.no_grad();
        using (torch.NewDisposeScope()) _model.Arena.Flat.copy_(Wide(_original) - point[^1] * _change);
        // Over what was just written: what is left of it are embeddings, gains of norms and biases.
        foreach (var (projection, original, change, leading) in _maps)
        {
            using var scope = torch.NewDisposeScope();
            var lambda = point[1 + Array.IndexOf(_kinds, projection.Name)];
            projection.Weight.copy_(Wide(original) - lambda * (point[0] < 0.5 ? leading : change));
        }
    }

    /// <summary>The part of a matrix in the fewest singular directions that hold so much of its energy; zeros stay zeros.</summary>
    /// <param name="change">[out, in].</param>
    public static Tensor Leading(Tensor change, double energy)
    {
        ArgumentNullException.ThrowIfNull(change);
        var (u, s, v) = torch.linalg.svd(change, fullMatrices: false);
        var held = s.square().cumsum(0);
        var total = held[-1].to(ScalarType.Float64).item<double>();
        // Rounding may keep the sum a hair below the whole.
        var enough = held.ge(energy * total * (1 - 1e-6)).to(ScalarType.Int64).argmax().item<long>() + 1;
        return torch.mm(u.narrow(1, 0, enough) * s.narrow(0, 0, enough), v.narrow(0, 0, enough));
    }

    private static Tensor Wide(Tensor weight) => weight.dtype == ScalarType.Float64 ? weight : weight.to(ScalarType.Float32);
}
