using System.Text.Json;
using Titer.Models.Checkpoints;
using Titer.Models.Mlp;

namespace Titer.Models.Gpt2;

/// <summary>Reads and checks a configuration of GPT-2.</summary>
internal static class Gpt2ConfigReader
{
    public const string ModelType = "gpt2";

    /// <exception cref="CheckpointException">A setting that is not computed here; names the key and the value.</exception>
    /// <exception cref="JsonException">A key is missing, or of another type.</exception>
    public static Gpt2Config Read(string path, JsonElement json)
    {
        var config = json.Deserialize(Gpt2ConfigJson.Default.Gpt2Config)!;
        ConfigSetting.Require(path, "activation_function", config.ActivationFunction, Activation.Names);
        ConfigSetting.Require(path, "scale_attn_weights", config.ScaleAttnWeights ? "true" : "false", "true");
        ConfigSetting.Require(path, "add_cross_attention", config.AddCrossAttention ? "true" : "false", "false");
        if (config is not { VocabSize: > 0, Hidden: > 0, Blocks: > 0, Heads: > 0, Positions: > 0, InnerSize: > 0 })
            throw new CheckpointException($"TITER416 {path}: a size is not positive. Check the file against its source.");
        if (config.Hidden % config.Heads != 0)
            throw new CheckpointException(
                $"TITER416 {path}: n_embd {config.Hidden} cannot be split into n_head {config.Heads} heads evenly. Check the file against its "
                    + "source.");
        return config;
    }
}
