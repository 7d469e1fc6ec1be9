using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Models.Checkpoints;

/// <summary>
/// The weight files of a checkpoint folder: <c>model.safetensors</c>, or shards under
/// <c>model.safetensors.index.json</c>. Where both are the one file is
/// read, as Transformers does: the shards are of an older save.
/// </summary>
public static class CheckpointFiles
{
    public const string WeightsFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";

    private static readonly string[] Pickles = [".bin", ".pt", ".pth", ".ckpt", ".pkl"];

    /// <exception cref="CheckpointException">There is none, or a shard that the index names is missing.</exception>
    internal static IReadOnlyList<string> In(string folder)
    {
        var single = Path.Combine(folder, WeightsFile);
        if (File.Exists(single)) return [single];
        var index = Path.Combine(folder, IndexFile);
        return File.Exists(index) ? Shards(folder, index) : throw new CheckpointException($"TITER413 {WhatIsThere(folder)}");
    }

    /// <summary>What a folder without weights has instead, and the way out: a sentence or two.</summary>
    public static string WhatIsThere(string folder)
    {
        string[] names = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)]
            : [];
        bool Has(Func<string, bool> wanted) => names.Any(wanted);
        if (names.FirstOrDefault(name => Pickles.Contains(Path.GetExtension(name))
            && name is not ("training_args.bin" or "optimizer.pt" or "scheduler.pt" or "rng_state.pth")) is { } pickle)
            return $"{folder} has only {pickle}, a pickle, which can run code when read: it is never opened. Convert it where that can do no "
                + "harm: AutoModelForCausalLM.from_pretrained(folder).save_pretrained(other, safe_serialization=True) in Python.";
        if (Has(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)))
            return $"{folder} has only GGUF files, which are llama.cpp's. Name the checkpoint in Hugging Face layout that they were made from.";
        if (Has(name => name is "adapter_model.safetensors" or "adapter_config.json"))
            return $"{folder} has an adapter and no model. Name its base as the checkpoint, and this folder as its adapter.";
        if (Has(name => name is "tf_model.h5" or "flax_model.msgpack"))
            return $"{folder} has weights of TensorFlow or Flax only. Load them with from_tf=True or from_flax=True in Python and save them with "
                + "safe_serialization=True.";
        if (names.FirstOrDefault(name => name.EndsWith(".safetensors", StringComparison.Ordinal)) is { } other)
            return $"{folder} has {other}, but neither {WeightsFile} nor {IndexFile}. Rename it if it is the whole model, or download the index "
                + "too.";
        return $"{folder} has neither {WeightsFile} nor {IndexFile}. Name a checkpoint folder in Hugging Face layout.";
    }

    /// <summary>The files that an index names, in ordinal order; whether they are there is not asked.</summary>
    /// <exception cref="JsonException">It is not a shard index.</exception>
    internal static IReadOnlyList<string> ShardNames(string index)
    {
        var map = JsonSerializer.Deserialize(CheckpointText.Json(index), CheckpointIndexJson.Default.CheckpointIndex)?.WeightMap
            ?? throw new JsonException("It has no weight_map.");
        string[] shards = [.. map.Values.Distinct().Order(StringComparer.Ordinal)];
        // A shard is a plain file name: an index must not lead out of its folder.
        return shards.Length > 0 && shards.All(s => s is { Length: > 0 } && s == Path.GetFileName(s))
            ? shards
            : throw new JsonException("It names no shards, or one outside its folder.");
    }

    private static List<string> Shards(string folder, string index)
    {
        try
        {
            var shards = ShardNames(index);
            if (shards.FirstOrDefault(s => !File.Exists(Path.Combine(folder, s))) is { } missing)
                throw new CheckpointException($"TITER414 {index} names the shard '{missing}', which is not in its folder. Download it too.");
            return [.. shards.Select(s => Path.Combine(folder, s))];
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"TITER414 {index} is not a shard index: {e.Message} Download it again.", e);
        }
    }
}

/// <summary>The part of <c>model.safetensors.index.json</c> that is read.</summary>
internal sealed record CheckpointIndex(IReadOnlyDictionary<string, string>? WeightMap);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CheckpointIndex))]
internal sealed partial class CheckpointIndexJson : JsonSerializerContext;
