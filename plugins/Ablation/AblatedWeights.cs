using Titer.Sdk.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Titer.Attacks;

/// <summary>The maps that write into the residual stream, as they were and with directions taken out of what they write.</summary>
internal sealed class AblatedWeights : IDisposable
{
    private static readonly string[] Writers = ["o_proj", "down_proj", "c_proj"];

    private readonly (LinearProjection Projection, bool IsAttention, Tensor Original)[] _maps;

    public AblatedWeights(CausalLanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGrad = torch.no_grad();
        // Attention before MLP in every block, as the model lists them.
        _maps = [.. model.Projections.Where(p => Writers.Contains(p.Name)).GroupBy(p => p.Block)
            .SelectMany(block => block.Select((p, i) => (p, i == 0, p.Weight.clone().DetachFromDisposeScope())))];
    }

    /// <summary>
    /// W becomes W - sum over directions of w r r^T W, w the component's kernel at the block (1 in every block of Arditi et al. 2024), from the
    /// weights as they were.
    /// </summary>
    /// <param name="directions">[directions, hidden], orthonormal, of a block.</param>
    /// <param name="keepRowNorms">Rows get their norm back: what is written keeps its size.</param>
    public void Apply(Func<int, Tensor> directions, AblationKernel attention, AblationKernel mlp, bool keepRowNorms)
    {
        ArgumentNullException.ThrowIfNull(directions);
        using var noGrad = torch.no_grad();
        foreach (var (projection, isAttention, original) in _maps)
        {
            using var scope = torch.NewDisposeScope();
            var weight = (isAttention ? attention : mlp).Weight(projection.Block);
            var wide = original.to(ScalarType.Float32);
            var r = Written(projection, directions(projection.Block));
            var edited = wide - weight * torch.mm(r.t(), torch.mm(r, wide));
            if (keepRowNorms) edited = edited * (Norms(wide) / Norms(edited).clamp_min(1e-12));
            projection.Weight.copy_(edited);
        }
    }

    /// <summary>The directions as the map's own outputs have them: where a norm stands behind it, gains lie between them and the stream.</summary>
    private static Tensor Written(LinearProjection projection, Tensor directions) => projection.OutputGain is { } gain
        ? linalg.qr((directions * gain.to(ScalarType.Float32)).t()).Item1.t()
        : directions;

    public void Restore()
    {
        using var noGrad = torch.no_grad();
        foreach (var (projection, _, original) in _maps)
        {
            using var scope = torch.NewDisposeScope();
            projection.Weight.copy_(original);
        }
    }

    public void Dispose()
    {
        foreach (var (_, _, original) in _maps) original.Dispose();
    }

    private static Tensor Norms(Tensor weight) => weight.square().sum(1, keepdim: true).sqrt();
}
