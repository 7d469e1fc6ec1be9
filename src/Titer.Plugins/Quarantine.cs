using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Files;

namespace Titer.Plugins;

/// <summary>One build of a plugin that is set aside.</summary>
/// <param name="ContentHash">The build that crashed; empty means every build.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record QuarantineEntry(string Id, string ContentHash, string Reason, DateTimeOffset SinceUtc)
{
    public bool Holds(string id, string contentHash) => Id == id && (ContentHash.Length == 0 || ContentHash == contentHash);
}

/// <summary>
/// Plugins that are not played, by a file that outlives the run: a build whose workers keep crashing is set aside until its author ships
/// another one, or an operator clears it. Not thread-safe between processes: the last writer counts.
/// </summary>
public sealed class Quarantine(string file)
{
    /// <summary>Holds nothing: an author's own build is always tried.</summary>
    public static Quarantine Empty { get; } = new("");

    public string File { get; } = file;

    /// <summary>By id, then by time.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public IReadOnlyList<QuarantineEntry> Entries()
    {
        if (!System.IO.File.Exists(File)) return [];
        try
        {
            var entries = JsonSerializer.Deserialize(System.IO.File.ReadAllText(File), QuarantineJson.Default.IReadOnlyListQuarantineEntry) ?? [];
            if (entries.Any(e => e is not { Id: not null, ContentHash: not null, Reason: not null }))
                throw new JsonException("an entry has no id, content_hash or reason");
            return [.. entries.OrderBy(e => e.Id, StringComparer.Ordinal).ThenBy(e => e.SinceUtc)];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"TITER221 {File} is not a quarantine list ({e.Message}). Correct it, or delete it to clear all.", e);
        }
    }

    /// <summary>The entry that holds this build; null when it may be played.</summary>
    public QuarantineEntry? Find(string id, string contentHash) => Entries().FirstOrDefault(e => e.Holds(id, contentHash));

    /// <summary>Sets a build aside; one that is already has its reason replaced.</summary>
    public QuarantineEntry Set(string id, string contentHash, string reason)
    {
        var entry = new QuarantineEntry(id, contentHash, reason, TimeProvider.System.GetUtcNow());
        Write([.. Entries().Where(e => e.Id != id || e.ContentHash != contentHash), entry]);
        return entry;
    }

    /// <summary>Lets all builds of a plugin play again; false when none was set aside.</summary>
    public bool Clear(string id)
    {
        var entries = Entries();
        var left = entries.Where(e => e.Id != id).ToArray();
        if (left.Length == entries.Count) return false;
        Write(left);
        return true;
    }

    private void Write(IReadOnlyList<QuarantineEntry> entries) =>
        ReplacedFile.Write(File, JsonSerializer.Serialize(entries, QuarantineJson.Default.IReadOnlyListQuarantineEntry) + "\n");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<QuarantineEntry>))]
internal sealed partial class QuarantineJson : JsonSerializerContext;
