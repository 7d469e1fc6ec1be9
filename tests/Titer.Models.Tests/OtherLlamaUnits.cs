using Titer.Models.Llama;
using Titer.Sdk;
using TorchSharp;
using static Titer.Models.Tests.OtherUnits;

namespace Titer.Models.Tests;

/// <summary>Other units of a model of the Llama family: every symmetry of its members, written from their definitions alone.</summary>
internal sealed class OtherLlamaUnits
{
    private const double Scale = 40;

    private readonly LlamaModel _model;
    private readonly LlamaConfig _config;
    private readonly SeededRandom _random;
    private readonly Tensor _axes;

    private OtherLlamaUnits(LlamaModel model, SeededRandom random)
    {
        (_model, _config, _random) = (model, model.Config, random);
        // Other axes as far as the final gains, and gains behind what is written, let them turn.
        var isFree = !_config.TieWordEmbeddings && _config.ModelType is not ("olmo2" or "gemma2" or "gemma3_text");
        _axes = isFree ? Rotation(_config.HiddenSize, random) : SignedPermutation(_config.HiddenSize, random);
    }

    public static void Of(LlamaModel model, SeededRandom random)
    {
        var units = new OtherLlamaUnits(model, random);
        units.ChangeEnds();
        for (var i = 0; i < model.Config.NumHiddenLayers; i++) units.ChangeBlock($"model.layers.{i}.");
    }

    private bool IsGemma => _config.ModelType.StartsWith("gemma", StringComparison.Ordinal);

    private bool IsOlmo => _config.ModelType == "olmo2";

    private void ChangeEnds()
    {
        Change(_model.Arena["model.embed_tokens.weight"], w => w.mm(_axes) * Scale);
        if (_config.TieWordEmbeddings)
        {
            ChangeGain("model.norm", g => _axes.t().abs().mv(g) / Scale);
            return;
        }

        var (head, gains) = (_model.Arena["lm_head.weight"], Factors(_config.HiddenSize, _random));
        Change(head, w => (w * Gain("model.norm")).mm(_axes) / gains);
        ChangeGain("model.norm", _ => gains);
    }

    private void ChangeBlock(string path)
    {
        var (size, group, inner) = (_config.HeadSize, _config.NumAttentionHeads / _config.KeyValueHeads, _config.IntermediateSize);
        void Rows(string name, Tensor map)
        {
            Change(Of(path, name + ".weight")!, w => map.mm(w));
            if (Of(path, name + ".bias") is { } bias) Change(bias, b => map.mv(b));
        }

        ChangeReaders(path, IsOlmo ? null : "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
        ChangeReaders(path, IsOlmo ? null : IsGemma ? "pre_feedforward_layernorm" : "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj");
        foreach (var (writer, norm) in new[]
            { ("self_attn.o_proj", "post_attention_layernorm"), ("mlp.down_proj", "post_feedforward_layernorm") })
        {
            if (!IsOlmo && !IsGemma)
            {
                Rows(writer, _axes.t() * Scale);
                continue;
            }

            // A norm takes the size of what it norms, and a gain's sign may stand in the map.
            var (flips, strength) = (Flips(_config.HiddenSize, _random), Factors(1, _random));
            Rows(writer, torch.diag(flips).mm(_axes.t()) * strength);
            ChangeGain(path + norm, g => _axes.t().abs().mv(g) * flips * Scale);
        }

        // Values and outputs: any invertible map of a head. A constant in the values is one in the output.
        var values = torch.block_diag([.. Enumerable.Range(0, _config.KeyValueHeads).Select(_ => Invertible(size, _random))]);
        Tensor ValuesOf(int head) => values.narrow(0, head / group * size, size).narrow(1, head / group * size, size);
        var outputs = torch.block_diag([.. Enumerable.Range(0, _config.NumAttentionHeads).Select(h => ValuesOf(h).inverse())]);
        Rows("self_attn.v_proj", values);
        Change(Of(path, "self_attn.o_proj.weight")!, w => w.mm(outputs));
        if (_config.AttentionBias)
        {
            var shift = torch.randn([_config.KeyValueHeads, 1, size], generator: _random.Generator);
            Change(Of(path, "self_attn.v_proj.bias")!, b => b + shift.reshape(-1));
            var seen = shift.expand(_config.KeyValueHeads, group, size).reshape(-1);
            Change(Of(path, "self_attn.o_proj.bias")!, b => b - Of(path, "self_attn.o_proj.weight")!.mv(seen));
        }

        ChangeQueriesAndKeys(path, group, Rows);

        // Neurons.
        var neurons = Factors(inner, _random) * Flips(inner, _random);
        var order = Order(inner, _random);
        Rows("mlp.up_proj", torch.diag(neurons).index_select(0, order));
        Rows("mlp.gate_proj", torch.eye(inner).index_select(0, order));
        Change(Of(path, "mlp.down_proj.weight")!, w => (w / neurons).index_select(1, order));

        // The order of key-value heads, and of the heads that share one.
        var groups = Order(_config.KeyValueHeads, _random).data<long>().ToArray();
        var heads = groups.SelectMany(g => Order(group, _random).data<long>().ToArray().Select(h => g * group + h)).ToArray();
        Tensor Permutation(long[] of) =>
            torch.eye(of.Length * size).view(of.Length, size, -1).index_select(0, torch.tensor(of)).reshape(of.Length * size, -1);
        Rows("self_attn.q_proj", Permutation(heads));
        Rows("self_attn.k_proj", Permutation(groups));
        Rows("self_attn.v_proj", Permutation(groups));
        Change(Of(path, "self_attn.o_proj.weight")!, w => w.mm(Permutation(heads).t()));
        if (!IsOlmo) return;
        ChangeGain(path + "self_attn.q_norm", g => Permutation(heads).mv(g));
        ChangeGain(path + "self_attn.k_norm", g => Permutation(groups).mv(g));
    }

    /// <summary>Scale and phase of every rotary pair, and any map of what does not turn; or scale and
    /// signs around a norm, pairs alike behind it.</summary>
    private void ChangeQueriesAndKeys(string path, int group, Action<string, Tensor> rows)
    {
        var (size, heads, shared) = (_config.HeadSize, _config.NumAttentionHeads, _config.KeyValueHeads);
        if (_config.ModelType is not ("qwen3" or "gemma3_text" or "olmo2"))
        {
            var (queries, keys) = Rotary(shared, group, size, (int)(size * (_config.PartialRotaryFactor ?? 1)), _random);
            rows("self_attn.q_proj", queries);
            rows("self_attn.k_proj", keys);
            return;
        }

        var pairs = IsOlmo ? Factors((long)shared * size / 2, _random).view(shared, 1, 1, -1) : Factors(size / 2, _random).view(1, 1, 1, -1);
        foreach (var (name, count) in new[] { ("q", heads), ("k", shared) })
        {
            var gains = IsOlmo ? count * size : size;
            var flips = Flips(gains, _random);
            // One norm over all heads takes one scale, a norm of each head one of each.
            var scales = (IsOlmo ? Factors(1, _random).expand(count) : Factors(count, _random)).repeat_interleave(size);
            rows($"self_attn.{name}_proj", torch.diag(scales * (IsOlmo ? flips : flips.repeat(count))));
            ChangeGain($"{path}self_attn.{name}_norm", g =>
                ((name == "q" ? g.view(IsOlmo ? [shared, group, 2, size / 2] : [1, 1, 2, size / 2]) * pairs
                    : g.view(IsOlmo ? [shared, 1, 2, size / 2] : [1, 1, 2, size / 2]) / pairs).reshape(-1)) * flips);
        }
    }

    /// <summary>Maps behind a norm take its gain; without one they read the stream as it is.</summary>
    private void ChangeReaders(string path, string? norm, params string[] readers)
    {
        var (gain, before) = norm is null
            ? (torch.ones(_config.HiddenSize) * Scale, torch.ones(_config.HiddenSize))
            : (Factors(_config.HiddenSize, _random), Gain(path + norm));
        foreach (var reader in readers) Change(Of(path, reader + ".weight")!, w => (w * before).mm(_axes) / gain);
        if (norm is not null) ChangeGain(path + norm, _ => gain);
    }

    /// <summary>A map's weight or bias, also where it is a part of a fused one; null where it has none.</summary>
    private Tensor? Of(string path, string name)
    {
        Tensor? Stored(string own) => _model.Parameters.FirstOrDefault(p => p.Name == path + own)?.Tensor;
        if (_config.ModelType != "phi3") return Stored(name);
        var (queries, keys, inner) =
            (_config.NumAttentionHeads * _config.HeadSize, _config.KeyValueHeads * _config.HeadSize, _config.IntermediateSize);
        return name switch
        {
            "self_attn.q_proj.weight" => Stored("self_attn.qkv_proj.weight")!.narrow(0, 0, queries),
            "self_attn.k_proj.weight" => Stored("self_attn.qkv_proj.weight")!.narrow(0, queries, keys),
            "self_attn.v_proj.weight" => Stored("self_attn.qkv_proj.weight")!.narrow(0, queries + keys, keys),
            "mlp.gate_proj.weight" => Stored("mlp.gate_up_proj.weight")!.narrow(0, 0, inner),
            "mlp.up_proj.weight" => Stored("mlp.gate_up_proj.weight")!.narrow(0, inner, inner),
            _ => Stored(name),
        };
    }

    private Tensor Gain(string norm) => _model.Arena[norm + ".weight"].clone() + (IsGemma ? 1 : 0);

    private void ChangeGain(string norm, Func<Tensor, Tensor> to) =>
        Change(_model.Arena[norm + ".weight"], w => to(w + (IsGemma ? 1 : 0)) - (IsGemma ? 1 : 0));

    /// <summary>Every pair of queries is scaled and turned, that of its key scaled the other way and turned as far; what does not turn is mapped
    /// freely.</summary>
    private static (Tensor Queries, Tensor Keys) Rotary(int keyValueHeads, int group, int size, int turning, SeededRandom random)
    {
        var (queries, keys) = (new List<Tensor>(), new List<Tensor>());
        for (var h = 0; h < keyValueHeads; h++)
        {
            var (scale, phase) = (torch.diag(Factors(turning / 2, random).repeat(2)), torch.rand([turning / 2], generator: random.Generator) * 6);
            var (cosine, sine) = (torch.diag(phase.cos()), torch.diag(phase.sin()));
            var turn = torch.cat([torch.cat([cosine, -sine], 1), torch.cat([sine, cosine], 1)], 0);
            var (query, key) = (turn.mm(scale), turn.mm(scale.inverse()));
            if (turning < size)
            {
                var free = Invertible(size - turning, random);
                (query, key) = (torch.block_diag([query, free]), torch.block_diag([key, free.inverse().t()]));
            }

            queries.AddRange(Enumerable.Repeat(query, group));
            keys.Add(key);
        }

        return (torch.block_diag([.. queries]), torch.block_diag([.. keys]));
    }
}
