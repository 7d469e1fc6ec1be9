namespace Titer.Models.Llama;

/// <summary>Names and shapes of the family's weights, as checkpoints have them.</summary>
internal static class LlamaLayout
{
    /// <summary>All weights, in arena order.</summary>
    public static IReadOnlyList<(string Name, long[] Shape)> Of(LlamaConfig config)
    {
        var (query, keyValue) = (config.NumAttentionHeads * config.HeadSize, config.KeyValueHeads * config.HeadSize);
        var (hidden, inner, norms) = (config.HiddenSize, config.IntermediateSize, config.Family.NormNames);
        var layout = new List<(string, long[])> { ("model.embed_tokens.weight", [config.VocabSize, hidden]) };
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            var block = $"model.layers.{i}.";
            Norm(block, norms.AttentionInput);
            if (config.Family.HasFusedMaps) Linear(block + "self_attn.qkv_proj", query + 2 * keyValue, hidden, config.QueryKeyValueBias);
            else
            {
                Linear(block + "self_attn.q_proj", query, hidden, config.QueryKeyValueBias);
                Linear(block + "self_attn.k_proj", keyValue, hidden, config.QueryKeyValueBias);
                Linear(block + "self_attn.v_proj", keyValue, hidden, config.QueryKeyValueBias);
            }

            Linear(block + "self_attn.o_proj", hidden, query, config.AttentionBias);
            if (config.Family.QueryKeyNorm is var normed and not HeadNorm.None)
            {
                layout.Add((block + "self_attn.q_norm.weight", [normed == HeadNorm.EachHead ? config.HeadSize : query]));
                layout.Add((block + "self_attn.k_norm.weight", [normed == HeadNorm.EachHead ? config.HeadSize : keyValue]));
            }

            Norm(block, norms.AttentionOutput);
            Norm(block, norms.MlpInput);
            if (config.Family.HasFusedMaps) Linear(block + "mlp.gate_up_proj", 2 * inner, hidden, config.MlpBias);
            else
            {
                Linear(block + "mlp.gate_proj", inner, hidden, config.MlpBias);
                Linear(block + "mlp.up_proj", inner, hidden, config.MlpBias);
            }

            Linear(block + "mlp.down_proj", hidden, inner, config.MlpBias);
            Norm(block, norms.MlpOutput);
        }

        layout.Add(("model.norm.weight", [hidden]));
        if (!config.TieWordEmbeddings) layout.Add(("lm_head.weight", [config.VocabSize, hidden]));
        return layout;

        void Linear(string name, long output, long input, bool bias)
        {
            layout.Add((name + ".weight", [output, input]));
            if (bias) layout.Add((name + ".bias", [output]));
        }

        void Norm(string block, string? name)
        {
            if (name is not null) layout.Add(($"{block}{name}.weight", [hidden]));
        }
    }
}
