using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Models.Checkpoints;

/// <summary>The weight files of a checkpoint folder: one, or shards under an index.</summary>
internal static class CheckpointFiles
{
    public const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    /// <exception cref="CheckpointException">There is none, or a shard that the index names is missing.</exception>
    public static IReadOnlyList<string> In(string folder)
    {
        var index = Path.Combine(folder, Index);
        if (File.Exists(index)) return Shards(folder, index);
        var single = Path.Combine(folder, Single);
        if (File.Exists(single)) return [single];
        var fact = File.Exists(Path.Combine(folder, "pytorch_model.bin"))
            ? "only pytorch_model.bin, a pickle, which can run code when read. Convert it to safetensors"
            : $"neither {Single} nor {Index}. Name a checkpoint folder in Hugging Face layout";
        throw new CheckpointException($"TITER413 {folder} has {fact}.");
    }

    private static List<string> Shards(string folder, string index)
    {
        try
        {
            var map = JsonSerializer.Deserialize(File.ReadAllBytes(index), CheckpointIndexJson.Default.CheckpointIndex)?.WeightMap
                ?? throw new CheckpointException($"TITER414 {index} has no weight_map. Download it again.");
            var shards = map.Values.Distinct().Order(StringComparer.Ordinal).ToList();
            // A shard is a plain file name: an index must not lead out of its folder.
            if (shards.FirstOrDefault(s => s != Path.GetFileName(s) || !File.Exists(Path.Combine(folder, s))) is { } missing)
                throw new CheckpointException($"TITER414 {index} names the shard '{missing}', which is not in its folder. Download it too.");
            return [.. shards.Select(s => Path.Combine(folder, s))];
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"TITER414 {index} is not a shard index: {e.Message}", e);
        }
    }
}

/// <summary>The part of <c>model.safetensors.index.json</c> that is read.</summary>
internal sealed record CheckpointIndex(IReadOnlyDictionary<string, string>? WeightMap);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CheckpointIndex))]
internal sealed partial class CheckpointIndexJson : JsonSerializerContext;
