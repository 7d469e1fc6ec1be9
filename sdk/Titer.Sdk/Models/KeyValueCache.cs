namespace Titer.Sdk.Models;

/// <summary>
/// Keys and values of the tokens seen so far, for incremental decoding of left-padded prompts. Rows may have different numbers of
/// leading padding tokens, which attention never looks at.
/// </summary>
internal sealed class KeyValueCache(int blocks, Tensor padding) : IDisposable
{
    /// <summary>Leading padding tokens per row: int64 [batch].</summary>
    public Tensor Padding { get; } = padding;

    /// <summary>Tokens cached, padding included.</summary>
    public int Length { get; set; }

    /// <summary>Keys per block: [batch, key-value heads, capacity, head dimension], or null before the first pass.</summary>
    public Tensor?[] Keys { get; } = new Tensor?[blocks];

    /// <summary>Values per block, shaped like <see cref="Keys"/>.</summary>
    public Tensor?[] Values { get; } = new Tensor?[blocks];

    public void Dispose()
    {
        foreach (var tensor in Keys.Concat(Values))
            tensor?.Dispose();
    }
}
