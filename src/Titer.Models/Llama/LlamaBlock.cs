using Titer.Models.Attention;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Llama;

/// <summary>One transformer block with its taps.</summary>
internal sealed class LlamaBlock
{
    private readonly int _index;
    private readonly LlamaConfig _config;
    private readonly Tensor _inputNorm;
    private readonly Tensor _postNorm;
    private readonly Tensor? _queryNorm;
    private readonly Tensor? _keyNorm;
    private readonly LinearProjection _query;
    private readonly LinearProjection _key;
    private readonly LinearProjection _value;
    private readonly LinearProjection _output;
    private readonly LinearProjection _gate;
    private readonly LinearProjection _up;
    private readonly LinearProjection _down;

    public LlamaBlock(LlamaConfig config, ParameterArena arena, int index)
    {
        (_config, _index) = (config, index);
        var parameters = arena.Parameters.Where(p => p.Name.StartsWith($"model.layers.{index}.", StringComparison.Ordinal))
            .ToDictionary(p => p.Name[$"model.layers.{index}.".Length..], p => p.Tensor);
        (_queryNorm, _keyNorm) = (parameters.GetValueOrDefault("self_attn.q_norm.weight"), parameters.GetValueOrDefault("self_attn.k_norm.weight"));
        (_inputNorm, _postNorm) = (parameters["input_layernorm.weight"], parameters["post_attention_layernorm.weight"]);
        LinearProjection Linear(string module, string name) =>
            new($"model.layers.{index}.{module}.{name}", index, parameters[$"{module}.{name}.weight"],
                parameters.GetValueOrDefault($"{module}.{name}.bias"));
        (_query, _key, _value, _output) = (Linear("self_attn", "q_proj"), Linear("self_attn", "k_proj"), Linear("self_attn", "v_proj"),
            Linear("self_attn", "o_proj"));
        (_gate, _up, _down) = (Linear("mlp", "gate_proj"), Linear("mlp", "up_proj"), Linear("mlp", "down_proj"));
    }

    public IEnumerable<LinearProjection> Projections => [_query, _key, _value, _output, _gate, _up, _down];

    /// <param name="hidden">[batch, time, hidden].</param>
    /// <param name="positions">int64 [n], into [batch * time]: where the output is wanted; null means everywhere.</param>
    /// <returns>[batch, time, hidden], or [n, hidden] with positions.</returns>
    public Tensor Forward(Tensor hidden, AttentionPass pass, Rotation rotation, Tap? tap, Tensor? positions = null)
    {
        // Attention is the last thing that joins positions: the rest is left out where nobody looks.
        Tensor Wanted(Tensor x) => positions is null ? x : x.reshape(-1, x.shape[^1]).index_select(0, positions);
        var attention = _output.Apply(Wanted(Mixed(RmsNorm.Apply(hidden, _inputNorm, _config.RmsNormEps), pass, rotation)));
        if (tap is not null) attention = tap(_index, TapSite.AttentionOutput, attention);
        hidden = Wanted(hidden) + attention;
        var normed = RmsNorm.Apply(hidden, _postNorm, _config.RmsNormEps);
        var mlp = _down.Apply(torch.nn.functional.silu(_gate.Apply(normed)) * _up.Apply(normed));
        if (tap is not null) mlp = tap(_index, TapSite.MlpOutput, mlp);
        hidden = hidden + mlp;
        return tap is null ? hidden : tap(_index, TapSite.BlockOutput, hidden);
    }

    /// <summary>Values mixed by attention, before the output projection.</summary>
    private Tensor Mixed(Tensor normed, AttentionPass pass, Rotation rotation)
    {
        var (batch, time) = (normed.shape[0], normed.shape[1]);
        var query = rotation.Apply(Heads(_query.Apply(normed), _config.NumAttentionHeads, _queryNorm));
        var key = rotation.Apply(Heads(_key.Apply(normed), _config.KeyValueHeads, _keyNorm));
        var value = Heads(_value.Apply(normed), _config.KeyValueHeads, null);
        var mixed = pass.Attend(_index, query, key, value, windowed: _config.WindowOf(_index) is not null);
        return mixed.transpose(1, 2).reshape(batch, time, (long)_config.NumAttentionHeads * _config.HeadSize);
    }

    /// <summary>[batch, time, heads * size] to [batch, heads, time, size], each head normed where the model does.</summary>
    private Tensor Heads(Tensor x, int heads, Tensor? norm)
    {
        var split = x.view(x.shape[0], x.shape[1], heads, _config.HeadSize);
        return (norm is null ? split : RmsNorm.Apply(split, norm, _config.RmsNormEps)).transpose(1, 2);
    }
}

/// <summary>Root-mean-square norm (Zhang and Sennrich 2019, arXiv 1910.07467), in float32 for 16-bit inputs as the reference does.</summary>
internal static class RmsNorm
{
    public static Tensor Apply(Tensor x, Tensor weight, double epsilon)
    {
        var wide = x.dtype is ScalarType.Float32 or ScalarType.Float64 ? x : x.to(ScalarType.Float32);
        var normed = wide * torch.rsqrt(wide.square().mean([-1], keepdim: true) + epsilon);
        return (wide.dtype == x.dtype ? normed : normed.to(x.dtype)) * weight;
    }
}
