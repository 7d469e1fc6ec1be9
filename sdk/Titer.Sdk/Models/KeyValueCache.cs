using TorchSharp;

namespace Titer.Sdk.Models;

/// <summary>
/// Keys and values of the tokens seen so far, for incremental decoding of left-padded prompts. Rows may have different numbers of
/// leading padding tokens, which attention never looks at.
/// </summary>
/// <param name="blocks">Blocks of the model.</param>
/// <param name="padding">int64 [batch]; the cache disposes it.</param>
/// <param name="capacity">Tokens that there is room for, padding included.</param>
internal sealed class KeyValueCache(int blocks, Tensor padding, int capacity) : IDisposable
{
    /// <summary>Per block: [batch, key-value heads, capacity, head dimension], or null before the first pass.</summary>
    private readonly Tensor?[] _keys = new Tensor?[blocks];
    private readonly Tensor?[] _values = new Tensor?[blocks];

    /// <summary>Leading padding tokens per row: int64 [batch].</summary>
    public Tensor Padding { get; private set; } = padding.DetachFromDisposeScope();

    /// <summary>Tokens cached, padding included.</summary>
    public int Length { get; set; }

    /// <summary>Adds what a block computed for new tokens: [batch, key-value heads, new tokens, head dimension].</summary>
    /// <returns>All keys and values of the block so far, the new ones included; valid until the next call for the block.</returns>
    public (Tensor Keys, Tensor Values) Remember(int block, Tensor keys, Tensor values) => (Add(_keys, block, keys), Add(_values, block, values));

    /// <summary>Keeps only some rows, and forgets leading tokens that are padding in all of them.</summary>
    /// <param name="rows">int64 [kept rows].</param>
    /// <param name="forgotten">How many leading tokens.</param>
    public void Keep(Tensor rows, int forgotten)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var store in new[] { _keys, _values })
        {
            for (var block = 0; block < store.Length; block++)
            {
                if (store[block] is not { } past) continue;
                store[block] = past.narrow(2, forgotten, past.shape[2] - forgotten).index_select(0, rows).DetachFromDisposeScope();
                past.Dispose();
            }
        }

        var whole = Padding;
        Padding = (whole.index_select(0, rows) - forgotten).DetachFromDisposeScope();
        whole.Dispose();
        Length -= forgotten;
    }

    public void Dispose()
    {
        Padding.Dispose();
        foreach (var tensor in _keys.Concat(_values)) tensor?.Dispose();
    }

    private Tensor Add(Tensor?[] store, int block, Tensor fresh)
    {
        // Written in place: joining copied everything for every token.
        var place = store[block] ??= torch.empty(
            [fresh.shape[0], fresh.shape[1], capacity, fresh.shape[3]], dtype: fresh.dtype, device: fresh.device).DetachFromDisposeScope();
        place.narrow(2, Length, fresh.shape[2]).copy_(fresh);
        return place.narrow(2, 0, Length + fresh.shape[2]);
    }
}
