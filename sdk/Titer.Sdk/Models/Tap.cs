namespace Titer.Sdk.Models;

/// <summary>Where in the network a tap sits.</summary>
public enum TapSite
{
    /// <summary>Token embeddings, before the first block (block number 0).</summary>
    Embedding,

    /// <summary>What a block's attention module emits (after its output projection), before it is added to the residual stream.</summary>
    AttentionOutput,

    /// <summary>What a block's MLP emits, before it is added to the residual stream.</summary>
    MlpOutput,

    /// <summary>The residual stream after a block; not normed.</summary>
    BlockOutput,
}

/// <summary>
/// Reads, and may replace, what a part of the network emits: return <paramref name="value"/> to read only, or for example
/// <c>value + perturbation</c>. Called during the forward pass, on the caller's thread, blocks in order.
/// </summary>
/// <param name="block">Block number from 0.</param>
/// <param name="site">Which output.</param>
/// <param name="value">[batch, time, hidden].</param>
public delegate Tensor Tap(int block, TapSite site, Tensor value);
