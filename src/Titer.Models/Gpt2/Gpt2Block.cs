using Titer.Models.Attention;
using Titer.Models.Mlp;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Gpt2;

/// <summary>One transformer block with its taps.</summary>
internal sealed class Gpt2Block
{
    private readonly int _index;
    private readonly Gpt2Config _config;
    private readonly LayerNorm _attentionNorm;
    private readonly LayerNorm _mlpNorm;
    private readonly LinearProjection _queryKeyValue;
    private readonly LinearProjection _output;
    private readonly LinearProjection _up;
    private readonly LinearProjection _down;

    public Gpt2Block(Gpt2Config config, ParameterArena arena, int index)
    {
        (_config, _index) = (config, index);
        var path = $"transformer.h.{index}.";
        var parameters = arena.Parameters.Where(p => p.Name.StartsWith(path, StringComparison.Ordinal))
            .ToDictionary(p => p.Name[path.Length..], p => p.Tensor);
        LayerNorm Norm(string name) => new(parameters[name + ".weight"], parameters[name + ".bias"], config.LayerNormEpsilon);
        LinearProjection Linear(string name) =>
            new(path + name, index, parameters[name + ".weight"], parameters[name + ".bias"], isTransposed: true);
        (_attentionNorm, _mlpNorm) = (Norm("ln_1"), Norm("ln_2"));
        (_queryKeyValue, _output, _up, _down) = (Linear("attn.c_attn"), Linear("attn.c_proj"), Linear("mlp.c_fc"), Linear("mlp.c_proj"));
    }

    public IEnumerable<LinearProjection> Projections => [_queryKeyValue, _output, _up, _down];

    /// <param name="hidden">[batch, time, hidden].</param>
    /// <param name="positions">int64 [n], into [batch * time]: where the output is wanted; null means everywhere.</param>
    /// <returns>[batch, time, hidden], or [n, hidden] with positions.</returns>
    public Tensor Forward(Tensor hidden, AttentionPass pass, Tap? tap, Tensor? positions = null)
    {
        // Attention is the last thing that joins positions: the rest is left out where nobody looks.
        Tensor Wanted(Tensor x) => positions is null ? x : x.reshape(-1, x.shape[^1]).index_select(0, positions);
        var attention = _output.Apply(Wanted(Mixed(_attentionNorm.Apply(hidden), pass)));
        if (tap is not null) attention = tap(_index, TapSite.AttentionOutput, attention);
        hidden = Wanted(hidden) + attention;
        var mlp = _down.Apply(Activation.Apply(_config.ActivationFunction, _up.Apply(_mlpNorm.Apply(hidden))));
        if (tap is not null) mlp = tap(_index, TapSite.MlpOutput, mlp);
        hidden = hidden + mlp;
        return tap is null ? hidden : tap(_index, TapSite.BlockOutput, hidden);
    }

    /// <summary>Values mixed by attention, before the output projection.</summary>
    private Tensor Mixed(Tensor normed, AttentionPass pass)
    {
        var (batch, time, size) = (normed.shape[0], normed.shape[1], _config.Hidden / _config.Heads);
        // [3, batch, heads, time, size].
        var split = _queryKeyValue.Apply(normed).view(batch, time, 3, _config.Heads, size).permute(2, 0, 3, 1, 4);
        var query = _config.ScaleAttnByInverseLayerIdx ? split[0] / (_index + 1) : split[0];
        return pass.Attend(_index, query, split[1], split[2]).transpose(1, 2).reshape(batch, time, _config.Hidden);
    }
}

/// <summary>Layer norm (Ba et al. 2016, arXiv 1607.06450) with scale and bias.</summary>
internal sealed record LayerNorm(Tensor Weight, Tensor Bias, double Epsilon)
{
    /// <param name="x">[..., hidden].</param>
    public Tensor Apply(Tensor x) => torch.nn.functional.layer_norm(x, Weight.shape, Weight, Bias, Epsilon);
}
