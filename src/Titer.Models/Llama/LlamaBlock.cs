using Titer.Models.Attention;
using Titer.Models.Mlp;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Llama;

/// <summary>One transformer block with its taps.</summary>
internal sealed class LlamaBlock
{
    private readonly int _index;
    private readonly LlamaConfig _config;
    private readonly RmsNorm? _attentionInput;
    private readonly RmsNorm? _attentionOutput;
    private readonly RmsNorm? _mlpInput;
    private readonly RmsNorm? _mlpOutput;
    private readonly RmsNorm? _queryNorm;
    private readonly RmsNorm? _keyNorm;
    /// <summary>Queries, keys and values: three maps, or one.</summary>
    private readonly LinearProjection[] _attention;
    private readonly LinearProjection _output;
    /// <summary>Gate and up: two maps, or one.</summary>
    private readonly LinearProjection[] _inner;
    private readonly LinearProjection _down;

    public LlamaBlock(LlamaConfig config, ParameterArena arena, int index)
    {
        (_config, _index) = (config, index);
        var path = $"model.layers.{index}.";
        var parameters = arena.Parameters.Where(p => p.Name.StartsWith(path, StringComparison.Ordinal))
            .ToDictionary(p => p.Name[path.Length..], p => p.Tensor);
        var (family, names) = (config.Family, config.Family.NormNames);
        (_attentionInput, _attentionOutput, _mlpInput, _mlpOutput) =
            (Norm(names.AttentionInput), Norm(names.AttentionOutput), Norm(names.MlpInput), Norm(names.MlpOutput));
        (_queryNorm, _keyNorm) = family.QueryKeyNorm == HeadNorm.None ? (null, null) : (Norm("self_attn.q_norm"), Norm("self_attn.k_norm"));
        _attention = family.HasFusedMaps
            ? [Linear("self_attn.qkv_proj")]
            : [Linear("self_attn.q_proj"), Linear("self_attn.k_proj"), Linear("self_attn.v_proj")];
        _output = Linear("self_attn.o_proj", _attentionOutput);
        _inner = family.HasFusedMaps ? [Linear("mlp.gate_up_proj")] : [Linear("mlp.gate_proj"), Linear("mlp.up_proj")];
        _down = Linear("mlp.down_proj", _mlpOutput);

        RmsNorm? Norm(string? name) => name is null ? null : new RmsNorm(parameters[name + ".weight"], config.RmsNormEps, family.Gain);
        LinearProjection Linear(string name, RmsNorm? behind = null) =>
            new(path + name, index, parameters[name + ".weight"], parameters.GetValueOrDefault(name + ".bias"),
                outputGain: behind is null ? null : () => behind.Gain);
    }

    public IEnumerable<LinearProjection> Projections => [.. _attention, _output, .. _inner, _down];

    /// <param name="hidden">[batch, time, hidden].</param>
    /// <param name="rotation">Of this block's base.</param>
    /// <param name="positions">int64 [n], into [batch * time]: where the output is wanted; null means everywhere.</param>
    /// <returns>[batch, time, hidden], or [n, hidden] with positions.</returns>
    public Tensor Forward(Tensor hidden, AttentionPass pass, Rotation rotation, Tap? tap, Tensor? positions = null)
    {
        // Attention is the last thing that joins positions: the rest is left out where nobody looks.
        Tensor Wanted(Tensor x) => positions is null ? x : x.reshape(-1, x.shape[^1]).index_select(0, positions);
        var attention = Normed(_attentionOutput, _output.Apply(Wanted(Mixed(Normed(_attentionInput, hidden), pass, rotation))));
        if (tap is not null) attention = tap(_index, TapSite.AttentionOutput, attention);
        hidden = Wanted(hidden) + attention;
        var (gate, up) = GateAndUp(Normed(_mlpInput, hidden));
        var mlp = Normed(_mlpOutput, _down.Apply(Activation.Apply(_config.Activation, gate) * up));
        if (tap is not null) mlp = tap(_index, TapSite.MlpOutput, mlp);
        hidden = hidden + mlp;
        return tap is null ? hidden : tap(_index, TapSite.BlockOutput, hidden);
    }

    private static Tensor Normed(RmsNorm? norm, Tensor x) => norm is null ? x : norm.Apply(x);

    /// <summary>Values mixed by attention, before the output projection.</summary>
    private Tensor Mixed(Tensor normed, AttentionPass pass, Rotation rotation)
    {
        var (batch, time) = (normed.shape[0], normed.shape[1]);
        var (queries, keys, values) = QueriesKeysValues(normed);
        var query = rotation.Apply(Heads(queries, _config.NumAttentionHeads, _queryNorm));
        var key = rotation.Apply(Heads(keys, _config.KeyValueHeads, _keyNorm));
        var value = Heads(values, _config.KeyValueHeads, null);
        var mixed = pass.Attend(_index, query, key, value, windowed: _config.WindowOf(_index) is not null, _config.ScoreScale,
            _config.AttnLogitSoftcapping);
        return mixed.transpose(1, 2).reshape(batch, time, (long)_config.NumAttentionHeads * _config.HeadSize);
    }

    private (Tensor Queries, Tensor Keys, Tensor Values) QueriesKeysValues(Tensor x)
    {
        if (_attention is [var query, var key, var value]) return (query.Apply(x), key.Apply(x), value.Apply(x));
        var all = _attention[0].Apply(x);
        var (queries, keys) = ((long)_config.NumAttentionHeads * _config.HeadSize, (long)_config.KeyValueHeads * _config.HeadSize);
        return (all.narrow(2, 0, queries), all.narrow(2, queries, keys), all.narrow(2, queries + keys, keys));
    }

    private (Tensor Gate, Tensor Up) GateAndUp(Tensor x)
    {
        if (_inner is [var gate, var up]) return (gate.Apply(x), up.Apply(x));
        var both = _inner[0].Apply(x);
        return (both.narrow(-1, 0, _config.IntermediateSize), both.narrow(-1, _config.IntermediateSize, _config.IntermediateSize));
    }

    /// <summary>[batch, time, heads * size] to [batch, heads, time, size], normed where the model does.</summary>
    private Tensor Heads(Tensor x, int heads, RmsNorm? norm)
    {
        if (norm is not null && _config.Family.QueryKeyNorm == HeadNorm.AllHeads) (x, norm) = (norm.Apply(x), null);
        return Normed(norm, x.reshape(x.shape[0], x.shape[1], heads, _config.HeadSize)).transpose(1, 2);
    }
}
