using TorchSharp;
using Titer.Sdk.Models;

namespace Titer.Models.Llama;

/// <summary>
/// What all blocks of one forward pass share: rotary angles of the positions, the mask, and the cache. Without a cache the sequence starts at
/// position 0 and attention is causal. With one, rows are left-padded: a token's position is its index minus its row's padding.
/// </summary>
internal sealed class AttentionPass
{
    private readonly KeyValueCache? _cache;
    private readonly bool _plain;
    private readonly long _start;
    private readonly long _time;
    private readonly Tensor _cosine;
    private readonly Tensor _sine;

    /// <summary>Boolean [batch or 1, 1, time, seen]: where attention may look; null means causal.</summary>
    private readonly Tensor? _visible;

    /// <summary>The same for blocks with a window; equal to the other where the window is not full yet.</summary>
    private readonly Tensor? _windowed;
    private readonly LlamaConfig _config;

    public AttentionPass(LlamaConfig config, RotaryTables rotary, Tensor inputIds, KeyValueCache? cache, bool plain)
    {
        _config = config;
        var window = Enumerable.Range(0, config.NumHiddenLayers).Select(config.WindowOf).FirstOrDefault(w => w is not null);
        (_cache, _plain, _start, _time) = (cache, plain, cache?.Length ?? 0, inputIds.shape[1]);
        if (cache is null)
        {
            (_cosine, _sine) = (rotary.Cosine.narrow(0, 0, _time), rotary.Sine.narrow(0, 0, _time));
            if (plain) _visible = torch.ones([_time, _time], dtype: ScalarType.Bool, device: inputIds.device).tril().view(1, 1, _time, _time);
            _windowed = window < _time
                ? torch.ones([_time, _time], dtype: ScalarType.Bool, device: inputIds.device).tril().triu(1 - window.Value).view(1, 1, _time, _time)
                : _visible;
            return;
        }

        var index = torch.arange(_start, _start + _time, dtype: ScalarType.Int64, device: inputIds.device);
        var positions = (index.unsqueeze(0) - cache.Padding.unsqueeze(1)).clamp_min(0);
        _cosine = rotary.Cosine.index(positions).unsqueeze(1);
        _sine = rotary.Sine.index(positions).unsqueeze(1);
        var seen = torch.arange(0, _start + _time, dtype: ScalarType.Int64, device: inputIds.device);
        // A padding query may see itself: a row of all-false would make the softmax NaN.
        var real = seen.view(1, 1, 1, -1) >= cache.Padding.view(-1, 1, 1, 1);
        var causal = seen.view(1, 1, 1, -1) <= index.view(1, 1, -1, 1);
        var self = seen.view(1, 1, 1, -1) == index.view(1, 1, -1, 1);
        _visible = (real & causal) | self;
        _windowed = window < _start + _time ? _visible & (seen.view(1, 1, 1, -1) > index.view(1, 1, -1, 1) - window.Value) : _visible;
    }

    /// <summary>Rotates queries or keys: [batch, heads, time, size].</summary>
    public Tensor Rotate(Tensor x)
    {
        // The halves change places; the sign of the turned half is in the table.
        return x * _cosine + x.roll(x.shape[3] / 2, 3) * _sine;
    }

    /// <summary>Mixes values: query [batch, heads, time, size], key and value [batch, key-value heads, time, size].</summary>
    public Tensor Attend(int block, Tensor query, Tensor key, Tensor value)
    {
        if (_cache is not null) (key, value) = _cache.Remember(block, key, value);
        var group = query.shape[1] / key.shape[1];
        if (group > 1) (key, value) = (key.repeat_interleave(group, 1), value.repeat_interleave(group, 1));
        var visible = _config.WindowOf(block) is null ? _visible : _windowed;
        if (!_plain) return torch.nn.functional.scaled_dot_product_attention(query, key, value, visible, is_casual: visible is null);

        var (batch, heads, time, size) = (query.shape[0], query.shape[1], query.shape[2], query.shape[3]);
        var scores = torch.bmm(query.reshape(batch * heads, time, size), key.reshape(batch * heads, -1, size).transpose(1, 2)).view(batch, heads, time, -1) / Math.Sqrt(size);
        var weights = torch.nn.functional.softmax(scores.masked_fill(visible!.logical_not(), float.NegativeInfinity), -1);
        return torch.bmm(weights.view(batch * heads, time, -1), value.reshape(batch * heads, -1, size)).view(batch, heads, time, size);
    }
}
