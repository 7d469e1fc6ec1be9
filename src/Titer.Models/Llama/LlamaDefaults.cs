using System.Text.Json;

namespace Titer.Models.Llama;

/// <summary>What a family's configuration means where it leaves a key out; an explicit null stays one.</summary>
internal static class LlamaDefaults
{
    public static void Set(LlamaConfig config, JsonElement json)
    {
        bool Lacks(string key) => !json.TryGetProperty(key, out _);
        if (config.ModelType is "phi3" or "olmo2" && Lacks("rms_norm_eps")) config.RmsNormEps = 1e-5;
        if (!config.ModelType.StartsWith("gemma", StringComparison.Ordinal)) return;

        var isThird = config.ModelType == "gemma3_text";
        config.HiddenActivation ??= "gelu_pytorch_tanh";
        if (Lacks("tie_word_embeddings")) config.TieWordEmbeddings = true;
        if (Lacks("head_dim")) config.HeadDim = 256;
        if (Lacks("query_pre_attn_scalar")) config.QueryPreAttnScalar = 256;
        if (Lacks("sliding_window")) config.SlidingWindow = 4096;
        if (Lacks("max_position_embeddings")) config.MaxPositionEmbeddings = isThird ? 131072 : 8192;
        if (isThird && Lacks("rope_theta")) config.RopeTheta = 1e6;
        if (!isThird && Lacks("attn_logit_softcapping")) config.AttnLogitSoftcapping = 50;
        if (!isThird && Lacks("final_logit_softcapping")) config.FinalLogitSoftcapping = 30;
    }
}
