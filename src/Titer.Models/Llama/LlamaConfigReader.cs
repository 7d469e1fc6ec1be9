using System.Text.Json;
using Titer.Models.Checkpoints;
using Titer.Models.Mlp;

namespace Titer.Models.Llama;

/// <summary>Reads and checks the configuration of the Llama family.</summary>
internal static class LlamaConfigReader
{
    public static IReadOnlyList<string> ModelTypes => LlamaFamily.ModelTypes;

    /// <exception cref="CheckpointException">A setting that is not computed here; names the key and the value.</exception>
    /// <exception cref="JsonException">A key is missing, or of another type.</exception>
    public static LlamaConfig Read(string path, JsonElement json)
    {
        var config = json.Deserialize(LlamaConfigJson.Default.LlamaConfig)!;
        LlamaDefaults.Set(config, json);
        // Two names of one function.
        if (config.HiddenActivation is { } own) ConfigSetting.Require(path, "hidden_activation", own, Activation.Names);
        else ConfigSetting.Require(path, "hidden_act", config.HiddenAct, "silu", "swish");
        ConfigSetting.Require(path, "use_bidirectional_attention", config.UseBidirectionalAttention == true ? "true" : "false", "false");
        foreach (var (key, cap) in (ReadOnlySpan<(string, double?)>)[("attn_logit_softcapping", config.AttnLogitSoftcapping),
            ("final_logit_softcapping", config.FinalLogitSoftcapping), ("query_pre_attn_scalar", config.QueryPreAttnScalar)])
            if (cap is <= 0)
                throw new CheckpointException($"TITER416 {path}: {key} {cap} is not positive. Check the file against its source.");
        if (config.RopeParameters?.SlidingAttention is { } local) ConfigSetting.Require(path, "rope_type", local.Kind, "default");
        if (config.Rope is { } rope) RequireRope(path, config, rope);
        if (config.SlidingWindow is <= 0)
            throw new CheckpointException(
                $"TITER416 {path}: sliding_window {config.SlidingWindow} is not positive. Check the file against its source.");
        if (config.SlidingWindowPattern is <= 0)
            throw new CheckpointException(
                $"TITER416 {path}: sliding_window_pattern {config.SlidingWindowPattern} is not positive. Check the file against its source.");
        if (config.LayerTypes is { } types
            && (types.Count != config.NumHiddenLayers || types.Any(t => t is not ("full_attention" or "sliding_attention"))))
            throw new CheckpointException(
                $"TITER416 {path}: layer_types must name full_attention or sliding_attention for each of {config.NumHiddenLayers} blocks; it "
                    + $"has {string.Join(", ", types.Distinct())}.");
        if (config is not { VocabSize: > 0, HiddenSize: > 0, IntermediateSize: > 0, NumHiddenLayers: > 0, NumAttentionHeads: > 0, KeyValueHeads: > 0,
            MaxPositionEmbeddings: > 0 } || config.HeadSize is var size && (size <= 0 || size % 2 != 0))
            throw new CheckpointException($"TITER416 {path}: a size is not positive, or the head size is odd. Check the file against its source.");
        if (config.RotarySize is var turning && (turning <= 0 || turning > config.HeadSize || turning % 2 != 0))
            throw new CheckpointException(
                $"TITER416 {path}: partial_rotary_factor turns {turning} of {config.HeadSize} dimensions of a head, which must be an even number "
                    + "of them. Check the file against its source.");
        if (config.NumAttentionHeads % config.KeyValueHeads != 0)
            throw new CheckpointException(
                $"TITER416 {path}: {config.NumAttentionHeads} attention heads cannot share {config.KeyValueHeads} key-value heads evenly.");
        return config;
    }

    private static void RequireRope(string path, LlamaConfig config, RopeSettings rope)
    {
        if (config.RopeParameters?.RopeTheta is { } theta && theta != config.Theta)
            throw new CheckpointException(
                $"TITER416 {path}: rope_parameters has rope_theta {theta}, and rope_scaling, which wins, goes "
                    + $"with {config.Theta}. Put the settings into one of the two blocks.");
        ConfigSetting.Require(path, "rope_type", rope.Kind, RopeSettings.Supported);
        if (rope.Factor < 1 || (rope.Kind == "llama3" && rope is not { OriginalMaxPositionEmbeddings: > 0, LowFreqFactor: > 0 }
            || rope.HighFreqFactor <= rope.LowFreqFactor))
            throw new CheckpointException(
                $"TITER416 {path}: the rope settings do not fit together (factor under 1, or llama3 without original_max_position_embeddings "
                    + "and rising frequency factors). Check the file against its source.");
        // Longer texts turn by other factors, and a text that grows over the length would be turned anew.
        if (rope.IsLongRope && (config.OriginalLength is not > 1 || rope.ShortFactor?.Count != config.RotarySize / 2
            || rope.ShortFactor.Any(f => !(f > 0))))
            throw new CheckpointException(
                $"TITER416 {path}: longrope needs original_max_position_embeddings and a positive short_factor for each of {config.RotarySize / 2} "
                    + "pairs of a head. Check the file against its source.");
    }
}
