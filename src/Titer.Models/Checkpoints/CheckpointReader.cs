using System.Text.Json;
using TorchSharp;
using Titer.Models.Llama;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Checkpoints;

/// <summary>Loads checkpoints in Hugging Face layout: <c>config.json</c> and safetensors, in one file or in shards.</summary>
public static class CheckpointReader
{
    /// <summary>Builds the model and loads its weights, converted to the device's data type; a file that needs no conversion is mapped, not read.</summary>
    /// <param name="weightsFile">One safetensors file in place of the folder's own weights.</param>
    /// <exception cref="CheckpointException">Unknown architecture or setting, missing or extra tensors, wrong shapes, malformed files.</exception>
    public static CausalLanguageModel Read(string folder, DeviceContext device, string? weightsFile = null)
    {
        var config = ReadConfig(folder);
        var files = weightsFile is null ? CheckpointFiles.In(folder) : [weightsFile];
        var mapped = files.Count == 1 ? MappedWeights.TryOpen(files[0], config.Layout(), device) : null;
        var model = new LlamaModel(config, device, mapped);
        try
        {
            if (mapped is null) Load(model, files);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    internal static LlamaConfig ReadConfig(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path)) throw new CheckpointException($"TITER415 {folder} has no config.json. Name a checkpoint folder in Hugging Face layout.");
        try
        {
            var config = JsonSerializer.Deserialize(File.ReadAllBytes(path), LlamaConfigJson.Default.LlamaConfig)
                ?? throw new CheckpointException($"TITER415 {path} holds null. Download it again.");
            Refuse(path, "model_type", config.ModelType, "llama", "mistral", "qwen2", "qwen3");
            Refuse(path, "hidden_act", config.HiddenAct, "silu");
            if (config.Rope is { } rope)
            {
                Refuse(path, "rope_type", rope.Kind, RopeSettings.Supported);
                if (rope.Factor < 1 || (rope.Kind == "llama3" && rope is not { OriginalMaxPositionEmbeddings: > 0, LowFreqFactor: > 0 } || rope.HighFreqFactor <= rope.LowFreqFactor))
                    throw new CheckpointException($"TITER416 {path}: the rope settings do not fit together (factor under 1, or llama3 without original_max_position_embeddings and rising frequency factors). Check the file against its source.");
            }

            if (config.SlidingWindow is <= 0) throw new CheckpointException($"TITER416 {path}: sliding_window {config.SlidingWindow} is not positive. Check the file against its source.");
            if (config.LayerTypes is { } types && (types.Count != config.NumHiddenLayers || types.Any(t => t is not ("full_attention" or "sliding_attention"))))
                throw new CheckpointException($"TITER416 {path}: layer_types must name full_attention or sliding_attention for each of {config.NumHiddenLayers} blocks; it has {string.Join(", ", types.Distinct())}.");
            if (config is not { VocabSize: > 0, HiddenSize: > 0, IntermediateSize: > 0, NumHiddenLayers: > 0, NumAttentionHeads: > 0, KeyValueHeads: > 0, MaxPositionEmbeddings: > 0 } || config.HeadSize is var size && (size <= 0 || size % 2 != 0))
                throw new CheckpointException($"TITER416 {path}: a size is not positive, or the head size is odd. Check the file against its source.");
            if (config.NumAttentionHeads % config.KeyValueHeads != 0)
                throw new CheckpointException($"TITER416 {path}: {config.NumAttentionHeads} attention heads cannot share {config.KeyValueHeads} key-value heads evenly.");
            return config;
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"TITER415 {path} is not a model configuration: {e.Message}", e);
        }
    }

    private static void Refuse(string path, string key, string value, params string[] supported)
    {
        if (!supported.Contains(value)) throw new CheckpointException($"TITER416 {path}: {key} '{value}' is not supported. Supported: {string.Join(", ", supported)}.");
    }

    private static void Load(CausalLanguageModel model, IReadOnlyList<string> files)
    {
        using var noGrad = torch.no_grad();
        var missing = model.Parameters.ToDictionary(p => p.Name, p => p.Tensor);
        foreach (var path in files)
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var entry in file.Tensors)
            {
                if (!missing.Remove(entry.Name, out var parameter))
                {
                    // Some exports repeat a tied head or ship the rotary frequencies; both are derived here.
                    if (entry.Name == "lm_head.weight" || entry.Name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal)) continue;
                    throw new CheckpointException($"TITER417 {path} has the tensor '{entry.Name}', which the model of its config.json does not have.");
                }

                if (!entry.Shape.SequenceEqual(parameter.shape))
                    throw new CheckpointException($"TITER417 {path}: '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}] where config.json asks for [{string.Join(", ", parameter.shape)}].");
                using var scope = torch.NewDisposeScope();
                parameter.copy_(torch.tensor(file.ReadSingles(entry), entry.Shape));
            }
        }

        if (missing.Count > 0)
            throw new CheckpointException($"TITER417 {Path.GetDirectoryName(files[0])} lacks {missing.Count} tensors, for example '{missing.Keys.First()}'.");
    }
}
