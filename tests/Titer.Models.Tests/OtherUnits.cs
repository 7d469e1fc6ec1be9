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
        if (model is LlamaModel llama) OtherLlamaUnits.Of(llama, random);
        else Of((Gpt2Model)model, random);
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

    internal static void Change(Tensor weight, Func<Tensor, Tensor> to) => weight.copy_(to(weight.clone()));

    /// <summary>From a tenth to ten.</summary>
    internal static Tensor Factors(long count, SeededRandom random) => torch.pow(10, torch.rand([count], generator: random.Generator) * 2 - 1);

    internal static Tensor Flips(long count, SeededRandom random) => torch.randn([count], generator: random.Generator).sign();

    internal static Tensor Order(long count, SeededRandom random) => torch.rand([count], generator: random.Generator).argsort();

    internal static Tensor SignedPermutation(long size, SeededRandom random) => torch.diag(Flips(size, random)).index_select(1, Order(size, random));

    internal static Tensor Rotation(long size, SeededRandom random) => torch.linalg.qr(torch.randn([size, size], generator: random.Generator)).Item1;

    internal static Tensor Invertible(long size, SeededRandom random) =>
        Rotation(size, random).mm(torch.diag(Factors(size, random))).mm(Rotation(size, random));

    private static Tensor BlockDiagonal(int blocks, long size, SeededRandom random) =>
        torch.block_diag([.. Enumerable.Range(0, blocks).Select(_ => Invertible(size, random))]);
}
