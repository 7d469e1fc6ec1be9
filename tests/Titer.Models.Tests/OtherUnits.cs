using Titer.Models.Gpt2;
using Titer.Models.Llama;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>Draws other units for a model's weights: every symmetry of the architecture, written from the definition of the model alone.</summary>
internal static class OtherUnits
{
    public static void Of(CausalLanguageModel model, SeededRandom random)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        if (model is LlamaModel llama) Of(llama, random);
        else Of((Gpt2Model)model, random);
    }

    private static void Of(LlamaModel model, SeededRandom random)
    {
        var (config, weights) = (model.Config, model.Parameters.ToDictionary(p => p.Name, p => p.Tensor));
        var (hidden, size, group) = (config.HiddenSize, config.HeadSize, config.NumAttentionHeads / config.KeyValueHeads);
        // The stream: another scale, and other axes as far as the final gains let them turn.
        var axes = config.TieWordEmbeddings ? SignedPermutation(hidden, random) : Rotation(hidden, random);
        const double scale = 40;
        Change(weights["model.embed_tokens.weight"], w => w.mm(axes) * scale);
        if (config.TieWordEmbeddings) Change(weights["model.norm.weight"], g => axes.t().abs().mv(g) / scale);
        else
        {
            Change(weights["lm_head.weight"], w => (w * weights["model.norm.weight"]).mm(axes));
            var gains = Factors(hidden, random);
            Change(weights["model.norm.weight"], _ => gains);
            Change(weights["lm_head.weight"], w => w / gains);
        }

        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            var path = $"model.layers.{i}.";
            Tensor? Of(string name) => weights.GetValueOrDefault(path + name);
            void Rows(string name, Tensor map)
            {
                Change(Of(name + ".weight")!, w => map.mm(w));
                if (Of(name + ".bias") is { } bias) Change(bias, b => map.mv(b));
            }

            foreach (var (norm, readers) in new[]
            {
                ("input_layernorm", new[] { "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj" }),
                ("post_attention_layernorm", ["mlp.gate_proj", "mlp.up_proj"]),
            })
            {
                var (gain, before) = (Factors(hidden, random), Of(norm + ".weight")!.clone());
                foreach (var reader in readers) Change(Of(reader + ".weight")!, w => (w * before).mm(axes) / gain);
                Change(Of(norm + ".weight")!, _ => gain);
            }

            foreach (var writer in new[] { "self_attn.o_proj", "mlp.down_proj" }) Rows(writer, axes.t() * scale);

            // Values and outputs: any invertible map of a head. A constant in the values is one in the output.
            var values = torch.block_diag([.. Enumerable.Range(0, config.KeyValueHeads).Select(_ => Invertible(size, random))]);
            Tensor ValuesOf(int head) => values.narrow(0, head / group * size, size).narrow(1, head / group * size, size);
            var outputs = torch.block_diag([.. Enumerable.Range(0, config.NumAttentionHeads).Select(h => ValuesOf(h).inverse())]);
            Rows("self_attn.v_proj", values);
            Change(Of("self_attn.o_proj.weight")!, w => w.mm(outputs));
            if (config.AttentionBias)
            {
                var shift = torch.randn([config.KeyValueHeads, 1, size], generator: random.Generator);
                Change(Of("self_attn.v_proj.bias")!, b => b + shift.reshape(-1));
                var seen = shift.expand(config.KeyValueHeads, group, size).reshape(-1);
                Change(Of("self_attn.o_proj.bias")!, b => b - Of("self_attn.o_proj.weight")!.mv(seen));
            }

            // Queries and keys: scale and phase of every rotary pair, or scale of a head before its norm.
            Tensor PerHead(int count) => torch.diag(Factors(count, random).repeat_interleave(size));
            var (forQueries, forKeys) = config.QueryKeyNorm
                ? (PerHead(config.NumAttentionHeads), PerHead(config.KeyValueHeads))
                : Rotary(config.KeyValueHeads, group, size, random);
            Rows("self_attn.q_proj", forQueries);
            Rows("self_attn.k_proj", forKeys);
            if (config.QueryKeyNorm)
            {
                var pairs = Factors(size / 2, random).repeat(2);
                Change(Of("self_attn.q_norm.weight")!, g => g * pairs);
                Change(Of("self_attn.k_norm.weight")!, g => g / pairs);
            }

            // Neurons.
            var neurons = Factors(config.IntermediateSize, random) * Flips(config.IntermediateSize, random);
            var order = Order(config.IntermediateSize, random);
            Rows("mlp.up_proj", torch.diag(neurons).index_select(0, order));
            Rows("mlp.gate_proj", torch.eye(config.IntermediateSize).index_select(0, order));
            Change(Of("mlp.down_proj.weight")!, w => (w / neurons).index_select(1, order));

            // The order of key-value heads, and of the heads that share one.
            var groups = Order(config.KeyValueHeads, random).data<long>().ToArray();
            var heads = groups.SelectMany(g => Order(group, random).data<long>().ToArray().Select(h => g * group + h)).ToArray();
            Tensor Permutation(long[] of) =>
                torch.eye(of.Length * size).view(of.Length, size, -1).index_select(0, torch.tensor(of)).reshape(of.Length * size, -1);
            Rows("self_attn.q_proj", Permutation(heads));
            Rows("self_attn.k_proj", Permutation(groups));
            Rows("self_attn.v_proj", Permutation(groups));
            Change(Of("self_attn.o_proj.weight")!, w => w.mm(Permutation(heads).t()));
        }
    }

    private static void Of(Gpt2Model model, SeededRandom random)
    {
        var (config, weights) = (model.Config, model.Parameters.ToDictionary(p => p.Name["transformer.".Length..], p => p.Tensor));
        var (hidden, size) = (config.Hidden, config.Hidden / config.Heads);
        var order = Order(hidden, random);
        const double scale = 40;
        // Norms take the mean away: what is added to all axes is seen by no block.
        Tensor Written(Tensor rows, bool shifted = true) =>
            (rows + (shifted ? torch.randn([rows.shape[0], 1], generator: random.Generator) : torch.zeros(1))).index_select(1, order) * scale;
        Change(weights["wte.weight"], w => Written(w, shifted: !config.TieWordEmbeddings));
        Change(weights["wpe.weight"], w => Written(w));
        var unit = config.TieWordEmbeddings ? scale : 3;
        Change(weights["ln_f.weight"], w => w.index_select(0, order) / unit);
        Change(weights["ln_f.bias"], b => b.index_select(0, order) / unit);
        if (!config.TieWordEmbeddings) Change(model.Arena["lm_head.weight"], w => w.index_select(1, order) * unit);
        for (var i = 0; i < config.Blocks; i++)
        {
            var path = $"h.{i}.";
            Tensor Of(string name) => weights[path + name];
            foreach (var (norm, reader) in new[] { ("ln_1", "attn.c_attn"), ("ln_2", "mlp.c_fc") })
            {
                var (gain, shift) = (Factors(hidden, random), torch.randn([hidden], generator: random.Generator));
                var (before, bias) = (Of(norm + ".weight").clone(), Of(norm + ".bias").clone());
                Change(Of(reader + ".bias"), b => b + Of(reader + ".weight").t().mv(bias));
                Change(Of(reader + ".weight"), w => (w * before.unsqueeze(1)).index_select(0, order) / gain.unsqueeze(1));
                Change(Of(reader + ".bias"), b => b - Of(reader + ".weight").t().mv(shift));
                (before, bias) = (gain, shift);
                Change(Of(norm + ".weight"), _ => before);
                Change(Of(norm + ".bias"), _ => bias);
            }

            foreach (var writer in new[] { "attn.c_proj", "mlp.c_proj" })
            {
                Change(Of(writer + ".weight"), w => Written(w));
                Change(Of(writer + ".bias"), b => Written(b.unsqueeze(0)).squeeze(0));
            }

            var (free, values) = (BlockDiagonal(config.Heads, size, random), BlockDiagonal(config.Heads, size, random));
            var heads = torch.eye(hidden).view(config.Heads, size, hidden).index_select(0, Order(config.Heads, random)).reshape(hidden, hidden);
            Tensor[] maps = [heads.mm(free), heads.mm(free.inverse().t()), heads.mm(values)];
            Change(Of("attn.c_attn.weight"), w => torch.cat([.. maps.Select((m, p) => w.narrow(1, p * hidden, hidden).mm(m.t()))], 1));
            Change(Of("attn.c_attn.bias"), b => torch.cat([.. maps.Select((m, p) => m.mv(b.narrow(0, p * hidden, hidden)))], 0));
            Change(Of("attn.c_proj.weight"), w => heads.mm(values.inverse().t()).mm(w));
            // A key's bias adds the same to all scores; a value's is written everywhere.
            var (key, value) = (torch.randn([hidden], generator: random.Generator), torch.randn([hidden], generator: random.Generator));
            Change(Of("attn.c_attn.bias"), b => b + torch.cat([torch.zeros(hidden), key, value], 0));
            Change(Of("attn.c_proj.bias"), b => b - Of("attn.c_proj.weight").t().mv(value));

            var neurons = config.ActivationFunction == "relu" ? Factors(4 * hidden, random) : torch.ones(4 * hidden);
            var places = Order(4 * hidden, random);
            Change(Of("mlp.c_fc.weight"), w => (w * neurons).index_select(1, places));
            Change(Of("mlp.c_fc.bias"), b => (b * neurons).index_select(0, places));
            Change(Of("mlp.c_proj.weight"), w => (w / neurons.unsqueeze(1)).index_select(0, places));
        }
    }

    private static void Change(Tensor weight, Func<Tensor, Tensor> to) => weight.copy_(to(weight.clone()));

    /// <summary>From a tenth to ten.</summary>
    private static Tensor Factors(long count, SeededRandom random) => torch.pow(10, torch.rand([count], generator: random.Generator) * 2 - 1);

    private static Tensor Flips(long count, SeededRandom random) => torch.randn([count], generator: random.Generator).sign();

    private static Tensor Order(long count, SeededRandom random) => torch.rand([count], generator: random.Generator).argsort();

    private static Tensor SignedPermutation(long size, SeededRandom random) => torch.diag(Flips(size, random)).index_select(1, Order(size, random));

    private static Tensor Rotation(long size, SeededRandom random) => torch.linalg.qr(torch.randn([size, size], generator: random.Generator)).Item1;

    private static Tensor Invertible(long size, SeededRandom random) =>
        Rotation(size, random).mm(torch.diag(Factors(size, random))).mm(Rotation(size, random));

    private static Tensor BlockDiagonal(int blocks, long size, SeededRandom random) =>
        torch.block_diag([.. Enumerable.Range(0, blocks).Select(_ => Invertible(size, random))]);

    /// <summary>Every pair of queries is scaled and turned, that of its key scaled the other way and turned as far.</summary>
    private static (Tensor Queries, Tensor Keys) Rotary(int keyValueHeads, int group, int size, SeededRandom random)
    {
        var (queries, keys) = (new List<Tensor>(), new List<Tensor>());
        for (var h = 0; h < keyValueHeads; h++)
        {
            var (scale, phase) = (torch.diag(Factors(size / 2, random).repeat(2)), torch.rand([size / 2], generator: random.Generator) * 6);
            var (cosine, sine) = (torch.diag(phase.cos()), torch.diag(phase.sin()));
            var turn = torch.cat([torch.cat([cosine, -sine], 1), torch.cat([sine, cosine], 1)], 0);
            queries.AddRange(Enumerable.Repeat(turn.mm(scale), group));
            keys.Add(turn.mm(scale.inverse()));
        }

        return (torch.block_diag([.. queries]), torch.block_diag([.. keys]));
    }
}
