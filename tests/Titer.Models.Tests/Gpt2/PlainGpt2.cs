using Titer.Models.Gpt2;
using TorchSharp;

namespace Titer.Models.Tests.Gpt2;

/// <summary>GPT-2 once more, from its definition alone: one row, one head at a time, nothing shared
/// with the model under test but its weights.</summary>
internal static class PlainGpt2
{
    /// <returns>[time, vocabulary].</returns>
    public static Tensor Logits(Gpt2Config config, IReadOnlyDictionary<string, Tensor> weights, long[] ids)
    {
        Tensor W(string name) => weights["transformer." + name];
        var time = ids.Length;
        var size = config.Hidden / config.Heads;
        var x = torch.stack([.. ids.Select((id, t) => W("wte.weight")[id] + W("wpe.weight")[t])]);
        for (var i = 0; i < config.Blocks; i++)
        {
            var h = $"h.{i}.";
            var qkv = Norm(x, W(h + "ln_1.weight"), W(h + "ln_1.bias")).mm(W(h + "attn.c_attn.weight")) + W(h + "attn.c_attn.bias");
            var heads = new List<Tensor>();
            for (var head = 0; head < config.Heads; head++)
            {
                Tensor Part(int which) => qkv.narrow(1, which * config.Hidden + head * size, size);
                var scores = Part(0).mm(Part(1).t()) / Math.Sqrt(size);
                if (config.ScaleAttnByInverseLayerIdx) scores = scores / (i + 1.0);
                var future = torch.ones(time, time).triu(1) * -1e9;
                var weight = (scores + future).exp();
                heads.Add((weight / weight.sum(1, keepdim: true)).mm(Part(2)));
            }

            x = x + torch.cat(heads, 1).mm(W(h + "attn.c_proj.weight")) + W(h + "attn.c_proj.bias");
            var up = Norm(x, W(h + "ln_2.weight"), W(h + "ln_2.bias")).mm(W(h + "mlp.c_fc.weight")) + W(h + "mlp.c_fc.bias");
            x = x + Activate(up).mm(W(h + "mlp.c_proj.weight")) + W(h + "mlp.c_proj.bias");
        }

        var head2 = config.TieWordEmbeddings ? W("wte.weight") : weights["lm_head.weight"];
        return Norm(x, W("ln_f.weight"), W("ln_f.bias")).mm(head2.t());

        Tensor Norm(Tensor y, Tensor scale, Tensor bias)
        {
            var centered = y - y.mean([1], keepdim: true);
            return centered / (centered.pow(2).mean([1], keepdim: true) + config.LayerNormEpsilon).sqrt() * scale + bias;
        }

        Tensor Activate(Tensor y) => config.ActivationFunction switch
        {
            "gelu_new" => 0.5 * y * (1 + torch.tanh(Math.Sqrt(2 / Math.PI) * (y + 0.044715 * y.pow(3)))),
            "gelu" => 0.5 * y * (1 + torch.special.erf(y / Math.Sqrt(2))),
            _ => y.clamp_min(0),
        };
    }
}
