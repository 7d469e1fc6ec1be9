using System.Security.Cryptography;
using System.Text.Json;
using Titer.Models.Checkpoints;

namespace Titer.Scenarios;

/// <summary>
/// The weight files of a subject: <c>model.safetensors</c>, which wins where both are, or shards
/// under <c>model.safetensors.index.json</c>. The pinned
/// SHA-256 is of the one file, or of the index followed by the shards in ordinal order of their names, as if they were one file. An adapter's files
/// follow.
/// </summary>
internal static class SubjectWeights
{
    private static readonly string[] AdapterFiles = ["adapter_config.json", "adapter_model.safetensors"];

    /// <summary>Full paths, in the order of the hash; those of the weights are left out when there are none.</summary>
    /// <param name="adapter">Folder of the subject's adapter; null without one.</param>
    public static IReadOnlyList<string> Files(string folder, string? adapter) =>
        adapter is null ? Files(folder) : [.. Files(folder), .. AdapterFiles.Select(file => Path.Combine(adapter, file))];

    private static IReadOnlyList<string> Files(string folder)
    {
        var single = Path.Combine(folder, CheckpointFiles.WeightsFile);
        if (File.Exists(single)) return [single];
        var index = Path.Combine(folder, CheckpointFiles.IndexFile);
        return File.Exists(index) ? [index, .. Shards(index).Select(shard => Path.Combine(folder, shard))] : [];
    }

    public static byte[] Hash(IReadOnlyList<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var path in files)
        {
            using var file = File.OpenRead(path);
            for (var read = file.Read(buffer); read > 0; read = file.Read(buffer)) hash.AppendData(buffer, 0, read);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Lengths and times: cheap to compare.</summary>
    public static string Stamp(string folder, string? adapter)
    {
        try
        {
            var files = Files(folder, adapter);
            return files.Count == 0 || !files.All(File.Exists)
                ? "missing"
                : string.Join(' ',
                    files.Select(path => new FileInfo(path)).Select(f => FormattableString.Invariant($"{f.Length}:{f.LastWriteTimeUtc.Ticks}")));
        }
        catch (Exception e) when (e is ScenarioException or CheckpointException)
        {
            // An index that was damaged after the run began: not the subject that it began with.
            return "missing";
        }
    }

    private static string[] Shards(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(CheckpointText.Json(index));
            string[] shards = [.. document.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString() ?? "")
                .Distinct().Order(StringComparer.Ordinal)];
            // A shard is a plain file name: an index must not lead out of its folder.
            return shards.Length > 0 && shards.All(shard => shard.Length > 0 && shard == Path.GetFileName(shard))
                ? shards
                : throw new JsonException("It names no shards, or one outside its folder.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ScenarioException($"{index}: TITER534 Not a shard index: {e.Message} Download it again.", e);
        }
    }
}
