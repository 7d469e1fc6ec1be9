using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Attention;

/// <summary>
/// What all blocks of one forward pass share, whatever the architecture: positions, masks, and the cache. Without a cache the sequence starts at
/// position 0 and attention is causal. With one, rows are left-padded: a token's position is its index minus its row's padding.
/// </summary>
internal sealed class AttentionPass
{
    private readonly KeyValueCache? _cache;
    private readonly bool _plain;

    /// <summary>Boolean [batch or 1, 1, time, seen]: where attention may look; null means causal.</summary>
    private readonly Tensor? _visible;

    /// <summary>The same for blocks with a window; equal to the other where the window is not full yet.</summary>
    private readonly Tensor? _windowed;

    /// <param name="inputIds">[batch, time].</param>
    /// <param name="window">Tokens that a position of a windowed block sees, itself included; null where no block has a window.</param>
    public AttentionPass(Tensor inputIds, KeyValueCache? cache, bool plain, int? window = null)
    {
        var start = cache?.Length ?? 0;
        (_cache, _plain, Time) = (cache, plain, inputIds.shape[1]);
        if (cache is null)
        {
            if (plain) _visible = torch.ones([Time, Time], dtype: ScalarType.Bool, device: inputIds.device).tril().view(1, 1, Time, Time);
            _windowed = window < Time
                ? torch.ones([Time, Time], dtype: ScalarType.Bool, device: inputIds.device).tril().triu(1 - window.Value).view(1, 1, Time, Time)
                : _visible;
            return;
        }

        var index = torch.arange(start, start + Time, dtype: ScalarType.Int64, device: inputIds.device);
        Positions = (index.unsqueeze(0) - cache.Padding.unsqueeze(1)).clamp_min(0);
        var seen = torch.arange(0, start + Time, dtype: ScalarType.Int64, device: inputIds.device);
        // A padding query may see itself: a row of all-false would make the softmax NaN.
        var real = seen.view(1, 1, 1, -1) >= cache.Padding.view(-1, 1, 1, 1);
        var causal = seen.view(1, 1, 1, -1) <= index.view(1, 1, -1, 1);
        var self = seen.view(1, 1, 1, -1) == index.view(1, 1, -1, 1);
        _visible = (real & causal) | self;
        _windowed = window < start + Time ? _visible & (seen.view(1, 1, 1, -1) > index.view(1, 1, -1, 1) - window.Value) : _visible;
    }

    /// <summary>Tokens per row in this pass.</summary>
    public long Time { get; }

    /// <summary>int64 [batch, time]; null means 0, 1, 2, ... in every row.</summary>
    public Tensor? Positions { get; }

    /// <summary>Mixes values: query [batch, heads, time, size], key and value [batch, key-value heads, time, size].</summary>
    /// <param name="scale">What scores are multiplied by; null means one over the root of the size.</param>
    /// <param name="softCap">Scores s become cap * tanh(s / cap) (Gemma 2, arXiv 2408.00118, section 2): in a plain pass alone.</param>
    public Tensor Attend(int block, Tensor query, Tensor key, Tensor value, bool windowed = false, double? scale = null, double? softCap = null)
    {
        var natural = 1 / Math.Sqrt(query.shape[3]);
        // The fused kernel knows one scale.
        if (!_plain && scale is { } own && own != natural) query = query * (own / natural);
        if (_cache is not null) (key, value) = _cache.Remember(block, key, value);
        var group = query.shape[1] / key.shape[1];
        if (group > 1) (key, value) = (key.repeat_interleave(group, 1), value.repeat_interleave(group, 1));
        var visible = windowed ? _windowed : _visible;
        if (!_plain) return torch.nn.functional.scaled_dot_product_attention(query, key, value, visible, is_casual: visible is null);

        var (batch, heads, time, size) = (query.shape[0], query.shape[1], query.shape[2], query.shape[3]);
        var products = torch.bmm(query.reshape(batch * heads, time, size), key.reshape(batch * heads, -1, size).transpose(1, 2))
            .view(batch, heads, time, -1);
        var scores = scale is { } other && other != natural ? products * other : products / Math.Sqrt(size);
        if (softCap is { } cap) scores = (scores / cap).tanh() * cap;
        var weights = torch.nn.functional.softmax(scores.masked_fill(visible!.logical_not(), float.NegativeInfinity), -1);
        return torch.bmm(weights.view(batch * heads, time, -1), value.reshape(batch * heads, -1, size)).view(batch, heads, time, size);
    }
}
