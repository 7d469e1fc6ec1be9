using Titer.Sdk.Data;
using Titer.Sdk.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Titer.Attacks;

/// <summary>
/// Directions in which forbidden prompts differ from harmless ones in the residual stream, per block, at the last token of the prompt: the
/// difference of means first (Arditi et al. 2024, arXiv 2406.11717), then the leading directions of what forbidden prompts scatter about the
/// harmless mean, orthogonal to it. Statistics are sums that grow batch by batch: [blocks, hidden], and [blocks, hidden, hidden] for more than one
/// direction.
/// </summary>
internal static class RefusalDirections
{
    private const int BatchSize = 32;

    /// <returns>[blocks, directions, hidden], float32, orthonormal within a block.</returns>
    public static Tensor Estimate(CausalLanguageModel model, IReadOnlyList<TokenizedExample> forbidden, IReadOnlyList<TokenizedExample> harmless,
        int directions)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = torch.NewDisposeScope();
        using var inference = torch.no_grad();
        var (harmlessMean, _) = Moments(model, harmless, center: null);
        var (forbiddenMean, scatter) = Moments(model, forbidden, directions > 1 ? harmlessMean : null);
        var difference = torch.nn.functional.normalize(forbiddenMean - harmlessMean, p: 2, dim: -1, eps: 1e-12);
        if (scatter is null) return difference.unsqueeze(1).to(ScalarType.Float32).MoveToOuterDisposeScope();
        // Without the first direction; eigenvalues rise.
        var across = torch.eye(model.Shape.Hidden, dtype: ScalarType.Float64,
            device: scatter.device) - difference.unsqueeze(2) * difference.unsqueeze(1);
        var (_, vectors) = torch.linalg.eigh(torch.bmm(torch.bmm(across, scatter), across));
        var others = vectors.narrow(2, model.Shape.Hidden - directions + 1, directions - 1).transpose(1, 2).flip(1);
        return torch.cat([difference.unsqueeze(1), others], 1).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Mean of the last prompt token's residual stream after each block, and the second moment about a center where one is given; float64.
    /// </summary>
    private static (Tensor Mean, Tensor? Scatter) Moments(CausalLanguageModel model, IReadOnlyList<TokenizedExample> examples, Tensor? center)
    {
        var (blocks, hidden, device) = (model.Shape.Blocks, model.Shape.Hidden, model.Arena.Flat.device);
        var sum = torch.zeros([blocks, hidden], dtype: ScalarType.Float64, device: device);
        var scatter = center is null ? null : torch.zeros([blocks, hidden, hidden], dtype: ScalarType.Float64, device: device);
        foreach (var chunk in examples.Chunk(BatchSize))
        {
            using var batchScope = torch.NewDisposeScope();
            var batch = TokenBatch.From([.. chunk.Select(e => e with { Tokens = e.Tokens[..e.PromptLength] })], padId: 0, device);
            var rows = torch.arange(chunk.Length, dtype: ScalarType.Int64, device: device);
            var last = torch.tensor(chunk.Select(e => (long)e.PromptLength - 1).ToArray(), device: device);
            model.Forward(batch.InputIds, (block, site, value) =>
            {
                if (site != TapSite.BlockOutput) return value;
                var state = value[torch.TensorIndex.Tensor(rows), torch.TensorIndex.Tensor(last)].to(ScalarType.Float64);
                sum[block].add_(state.sum(dim: 0));
                if (scatter is not null)
                {
                    var about = state - center![block];
                    scatter[block].add_(torch.mm(about.t(), about));
                }

                return value;
            }).Dispose();
        }

        return (sum / examples.Count, scatter is null ? null : scatter / examples.Count);
    }
}
