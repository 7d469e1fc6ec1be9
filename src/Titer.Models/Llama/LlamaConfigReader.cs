using System.Text.Json;
using Titer.Models.Checkpoints;

namespace Titer.Models.Llama;

/// <summary>Reads and checks the configuration of the Llama family.</summary>
internal static class LlamaConfigReader
{
    public static readonly string[] ModelTypes = ["llama", "mistral", "qwen2", "qwen3"];

    /// <exception cref="CheckpointException">A setting that is not computed here; names the key and the value.</exception>
    /// <exception cref="JsonException">A key is missing, or of another type.</exception>
    public static LlamaConfig Read(string path, JsonElement json)
    {
        var config = json.Deserialize(LlamaConfigJson.Default.LlamaConfig)!;
        // Two names of one function.
        ConfigSetting.Require(path, "hidden_act", config.HiddenAct, "silu", "swish");
        if (config.Rope is { } rope)
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
        }

        if (config.SlidingWindow is <= 0)
            throw new CheckpointException(
                $"TITER416 {path}: sliding_window {config.SlidingWindow} is not positive. Check the file against its source.");
        if (config.LayerTypes is { } types
            && (types.Count != config.NumHiddenLayers || types.Any(t => t is not ("full_attention" or "sliding_attention"))))
            throw new CheckpointException(
                $"TITER416 {path}: layer_types must name full_attention or sliding_attention for each of {config.NumHiddenLayers} blocks; it "
                    + $"has {string.Join(", ", types.Distinct())}.");
        if (config is not { VocabSize: > 0, HiddenSize: > 0, IntermediateSize: > 0, NumHiddenLayers: > 0, NumAttentionHeads: > 0, KeyValueHeads: > 0,
            MaxPositionEmbeddings: > 0 } || config.HeadSize is var size && (size <= 0 || size % 2 != 0))
            throw new CheckpointException($"TITER416 {path}: a size is not positive, or the head size is odd. Check the file against its source.");
        if (config.NumAttentionHeads % config.KeyValueHeads != 0)
            throw new CheckpointException(
                $"TITER416 {path}: {config.NumAttentionHeads} attention heads cannot share {config.KeyValueHeads} key-value heads evenly.");
        return config;
    }
}
