using Titer.Models.Units;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Llama;

/// <summary><see cref="CanonicalUnits"/> of the family: RMS norms where its members have them, rotary positions, a gated MLP.</summary>
internal sealed class LlamaUnits
{
    private readonly LlamaModel _model;
    private readonly LlamaConfig _config;
    private readonly ResidualStream _stream;
    private readonly Heads _heads;

    private LlamaUnits(LlamaModel model)
    {
        (_model, _config) = (model, model.Config);
        _heads = new Heads(_config.NumAttentionHeads, _config.KeyValueHeads, _config.HeadSize);
        var embedding = Wide("model.embed_tokens");
        // A head that is the embedding cannot take the final gains, and a norm behind a writer has gains too: they hold the axes where they are.
        var isHeld = _config.TieWordEmbeddings || _config.Family.Norms != NormPlacement.Before;
        _stream = isHeld ? ResidualStream.Sorted(embedding, canFlip: true) : ResidualStream.Principal(embedding);
        // Gains that are stored as what they are above one lose all digits near zero: there the final ones have length 1, not the embeddings.
        if (_config is { TieWordEmbeddings: true, Family.Gain: NormGain.FromOne }
            && Gain("model.norm").square().mean().sqrt().item<double>() is > 0 and var size) _stream = _stream with { Scale = size };
    }

    public static void Write(LlamaModel model)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var units = new LlamaUnits(model);
        units.WriteEnds();
        foreach (var block in model.Projections.GroupBy(p => p.Block))
        {
            using var inner = torch.NewDisposeScope();
            units.WriteBlock($"model.layers.{block.Key}.", block.ToDictionary(p => p.Name, p => new LinearMap(p)));
        }
    }

    /// <summary>Embedding, final norm, and head.</summary>
    private void WriteEnds()
    {
        var (embedding, final) = (Wide("model.embed_tokens"), Gain("model.norm"));
        if (_config.TieWordEmbeddings) SetGain("model.norm", _stream.Gain(final));
        else
        {
            _model.Arena["lm_head.weight"].copy_(_stream.Read(Wide("lm_head") * final));
            SetGain("model.norm", torch.ones_like(final));
        }

        _model.Arena["model.embed_tokens.weight"].copy_(_stream.Rows(embedding));
    }

    private void WriteBlock(string path, Dictionary<string, LinearMap> maps)
    {
        var (queries, keys, inner) =
            (_config.NumAttentionHeads * _config.HeadSize, _config.KeyValueHeads * _config.HeadSize, _config.IntermediateSize);
        var isFused = _config.Family.HasFusedMaps;
        var (query, key, value) = isFused
            ? (maps["qkv_proj"].Rows(0, queries), maps["qkv_proj"].Rows(queries, keys), maps["qkv_proj"].Rows(queries + keys, keys))
            : (maps["q_proj"], maps["k_proj"], maps["v_proj"]);
        var (gate, up) = isFused
            ? (maps["gate_up_proj"].Rows(0, inner), maps["gate_up_proj"].Rows(inner, inner))
            : (maps["gate_proj"], maps["up_proj"]);
        var (output, down, norms) = (maps["o_proj"], maps["down_proj"], _config.Family.NormNames);
        Read(path, norms.AttentionInput, query, key, value);
        Read(path, norms.MlpInput, gate, up);
        if (Write(path, norms.AttentionOutput, output)) Scale(output, _heads.Strength(value, output));
        if (Write(path, norms.MlpOutput, down))
            Scale(down, (down.Weight.square().sum([0]) * up.Joined().square().sum([1])).sum().sqrt().item<double>());

        BalanceAttention(path, query, key, value, output);
        CanonicalUnits.BalanceNeurons(up, down, canFlip: true);
        CanonicalUnits.SortNeurons(CanonicalUnits.Length(gate.Joined(), 1), [gate, up], down);
        if (isFused)
        {
            maps["qkv_proj"].Stack(query, key, value);
            maps["gate_up_proj"].Stack(gate, up);
        }

        foreach (var map in maps.Values) map.Save();
    }

    private void BalanceAttention(string path, LinearMap query, LinearMap key, LinearMap value, LinearMap output)
    {
        var (queryNorm, keyNorm) = (path + "self_attn.q_norm", path + "self_attn.k_norm");
        switch (_config.Family.QueryKeyNorm)
        {
            case HeadNorm.EachHead:
                _heads.Balance(value, output, query, key);
                var (forQueries, forKeys) = _heads.BalanceNormed(query, key, Gain(queryNorm), Gain(keyNorm));
                SetGain(queryNorm, forQueries);
                SetGain(keyNorm, forKeys);
                break;
            case HeadNorm.AllHeads:
                // Gains are a head's own: they move with it.
                var (queries, keys) = (query.WithGain(Gain(queryNorm)), key.WithGain(Gain(keyNorm)));
                _heads.Balance(value, output, queries, keys);
                var width = query.Weight.shape[1];
                (query.Weight, query.Bias) = (queries.Weight.narrow(1, 0, width), queries.Bias);
                (key.Weight, key.Bias) = (keys.Weight.narrow(1, 0, width), keys.Bias);
                var (ofQueries, ofKeys) = _heads.BalanceAllNormed(query, key, queries.Weight.select(1, width), keys.Weight.select(1, width));
                SetGain(queryNorm, ofQueries);
                SetGain(keyNorm, ofKeys);
                break;
            default:
                _heads.Balance(value, output, query, key);
                _heads.BalanceRotary(query, key, _config.RotarySize);
                break;
        }
    }

    private void Read(string path, string? norm, params LinearMap[] maps)
    {
        foreach (var map in maps)
            if (norm is null) _stream.ReadRaw(map);
            else _stream.Read(map, Gain(path + norm));
        if (norm is not null) SetGain(path + norm, torch.ones_like(Gain(path + norm)));
    }

    /// <returns>Whether a norm stands behind the map, which takes the size of what it writes.</returns>
    private bool Write(string path, string? norm, LinearMap map)
    {
        if (norm is null) _stream.Write(map);
        else SetGain(path + norm, _stream.Write(map, Gain(path + norm)));
        return norm is not null;
    }

    /// <summary>What a norm takes anyway: an input of unit variance gives an output of about unit variance.</summary>
    private void Scale(LinearMap map, double strength)
    {
        if (strength <= 0) return;
        map.Weight = map.Weight * (Math.Sqrt(_config.HiddenSize) / strength);
        map.Bias = map.Bias * (Math.Sqrt(_config.HiddenSize) / strength);
    }

    private Tensor Wide(string name) => CanonicalUnits.Wide(_model.Arena[name + ".weight"]);

    private Tensor Gain(string norm) => _config.Family.Gain == NormGain.FromOne ? Wide(norm) + 1 : Wide(norm);

    private void SetGain(string norm, Tensor gain) =>
        _model.Arena[norm + ".weight"].copy_(_config.Family.Gain == NormGain.FromOne ? gain - 1 : gain);
}
