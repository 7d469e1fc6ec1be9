using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Units;

/// <summary>
/// The same function in units that depend on the function alone. Weights have units that nobody sees: multiply values by 300, divide the output
/// projection by 300, and every answer stays while every learning rate is wrong. Undone here, block by block in float64:
/// <list type="bullet">
/// <item>norm gains, and biases where a map with a bias reads them: moved into the maps that read them;</item>
/// <item>the residual stream: token embeddings have unit length on average; its axes are their principal ones where the norms let it turn, else
/// sorted by length. What no norm sees (GPT-2's mean) is taken away;</item>
/// <item>values against outputs: any invertible map of a head. Both sides get the singular values of their product in equal parts;</item>
/// <item>queries against keys: the same; under rotary positions scale and phase of every rotary pair;</item>
/// <item>up against down: scale and sign of every neuron (gated MLPs, ReLU), by equal norms;</item>
/// <item>the order of heads and neurons;</item>
/// <item>what a norm behind attention or MLP takes anyway: the size of all that they write, and signs of its gains.</item>
/// </list>
/// Equal norms are the smallest sum of squares that the same function can have there. Exact but for rounding, and but for the norms' epsilon, which
/// stays as it is while the stream's scale changes.
/// </summary>
internal static class CanonicalUnits
{
    /// <summary>Layer norms, learned positions, an MLP without a gate; names as in GPT-2.</summary>
    /// <param name="isTied">The head is the embedding.</param>
    /// <param name="isHomogeneous">The activation of a times x is a times that of x, for a > 0.</param>
    public static void ApplyToGpt2(CausalLanguageModel model, Heads heads, bool isTied, bool isHomogeneous)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var arena = model.Arena;
        var (tokens, positions) = (arena["transformer.wte.weight"], arena["transformer.wpe.weight"]);
        var (gain, bias) = (arena["transformer.ln_f.weight"], arena["transformer.ln_f.bias"]);
        // The mean of a row is seen by nobody but a head that is the embedding.
        var embedding = isTied ? Wide(tokens) : Centered(Wide(tokens), 1);
        var stream = ResidualStream.Sorted(embedding, canFlip: false);
        // The head has no bias that could take the final norm's.
        var unit = isTied ? 1 : Wide(gain).square().mean().sqrt().item<double>();
        if (!isTied)
        {
            var head = arena["lm_head.weight"];
            head.copy_(stream.Read(Wide(head)) * unit);
            unit *= 1 / stream.Scale;
        }

        gain.copy_(stream.Gain(Wide(gain)) / unit);
        bias.copy_(stream.Gain(Wide(bias)) / unit);
        tokens.copy_(stream.Rows(embedding));
        positions.copy_(stream.Rows(Centered(Wide(positions), 1)));
        foreach (var projections in model.Projections.GroupBy(p => p.Block))
        {
            using var block = torch.NewDisposeScope();
            var path = $"transformer.h.{projections.Key}.";
            var maps = projections.ToDictionary(p => p.Path[path.Length..], p => new LinearMap(p));
            var (attention, output, up, down) = (maps["attn.c_attn"], maps["attn.c_proj"], maps["mlp.c_fc"], maps["mlp.c_proj"]);
            stream.Read(attention, arena[path + "ln_1.weight"], arena[path + "ln_1.bias"]);
            stream.Read(up, arena[path + "ln_2.weight"], arena[path + "ln_2.bias"]);
            foreach (var norm in new[] { "ln_1", "ln_2" })
            {
                arena[path + norm + ".weight"].fill_(1);
                arena[path + norm + ".bias"].fill_(0);
            }

            foreach (var writer in new[] { output, down })
            {
                (writer.Weight, writer.Bias) = (Centered(writer.Weight, 0), Centered(writer.Bias, 0));
                stream.Write(writer);
            }

            var (query, key, value) = (attention.Part(0, 3), attention.Part(1, 3), attention.Part(2, 3));
            // Softmax does not see what is added to all scores of a query.
            key.Bias = torch.zeros_like(key.Bias);
            heads.Balance(value, output, query, key);
            heads.BalanceFree(query, key);
            attention.Weight = torch.cat([query.Weight, key.Weight, value.Weight], 0);
            attention.Bias = torch.cat([query.Bias, key.Bias, value.Bias], 0);
            if (isHomogeneous) BalanceNeurons(up, down, canFlip: false);
            SortNeurons(Length(up.Joined(), 1), [up], down);
            foreach (var map in maps.Values) map.Save();
        }
    }

    /// <summary>Equal norms of what goes into a neuron and what comes out.</summary>
    internal static void BalanceNeurons(LinearMap up, LinearMap down, bool canFlip)
    {
        var joined = up.Joined();
        var scale = Evening(Length(down.Weight, 0), Length(joined, 1)).unsqueeze(1);
        if (canFlip) scale = scale * Signs(joined);
        up.Split(joined * scale);
        down.Weight = down.Weight / scale.squeeze(1);
    }

    internal static void SortNeurons(Tensor size, LinearMap[] readers, LinearMap down)
    {
        var order = size.argsort(0, true);
        foreach (var reader in readers) reader.Split(reader.Joined().index_select(0, order));
        down.Weight = down.Weight.index_select(1, order);
    }

    /// <summary>What makes the second as large as the first, half of it on either side; 1 where one of them is nothing.</summary>
    internal static Tensor Evening(Tensor first, Tensor second) =>
        torch.where((first > 0).logical_and(second > 0), (first / second).sqrt(), torch.ones_like(first));

    /// <summary>Signs that make the largest entry of every row positive: [..., n] to [..., 1].</summary>
    internal static Tensor Signs(Tensor rows) => 1 - 2 * (rows.gather(-1, rows.abs().argmax(-1, true)) < 0).to(rows.dtype);

    /// <summary>Euclidean length along a dimension.</summary>
    internal static Tensor Length(Tensor x, long dimension, bool keep = false) => x.square().sum([dimension], keep).sqrt();

    internal static Tensor Wide(Tensor weights) => weights.to(ScalarType.Float64);

    private static Tensor Centered(Tensor weights, long dimension) => weights - weights.mean([dimension], true);
}
