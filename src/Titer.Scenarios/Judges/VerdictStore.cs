using System.Globalization;
using Titer.Files;

namespace Titer.Scenarios.Judges;

/// <summary>
/// Verdicts of judges on the disk, for every tournament of a user: a folder for each judge, named by its hash. Only the host writes there, what
/// processes left that ran no stranger's code; those that measure read it. It may be deleted at any time, and where it cannot be written nothing is
/// kept: no result depends on it. Thread-safe.
/// </summary>
/// <param name="root">There need be none.</param>
/// <param name="mostBytes">Of one judge; the oldest verdicts go.</param>
public sealed class VerdictStore(string root, long mostBytes = VerdictStore.MostBytes)
{
    /// <summary>1.2 million verdicts, which take twice as much in the memory of a process.</summary>
    public const long MostBytes = 64L << 20;

    private const string Extension = ".verdicts";

    /// <summary>Every phase leaves a file: as many are one again.</summary>
    private const int MostFiles = 64;

    private readonly Lock _writing = new();

    /// <summary>Verdicts that came in through this object: answers that were judged, and not looked up.</summary>
    public int Judged { get; private set; }

    /// <summary>Of one judge, made where it is missing: whoever reads it is shown a folder.</summary>
    /// <param name="judge">64 lower-case hexadecimal digits.</param>
    /// <returns>Null where it cannot be made.</returns>
    public string? FolderOf(string judge)
    {
        try
        {
            return Directory.CreateDirectory(Path.Combine(root, judge)).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes in what a process left, if it left something; damaged records are passed by.</summary>
    public void Adopt(string judge, string file)
    {
        if (!File.Exists(file) || Read(file) is not { Count: > 0 } records) return;
        lock (_writing)
        {
            Judged += records.Count;
            if (FolderOf(judge) is not { } folder) return;
            try
            {
                Write(folder, records);
                List<string> files = [.. Segments(folder)];
                if (files.Count > MostFiles || files.Sum(Length) > mostBytes) Merge(folder, files);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk: the next tournament judges these again.
            }
        }
    }

    internal static IEnumerable<string> Segments(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal)
        : [];

    /// <summary>Nothing of a file that is gone, no regular one or too large: it is only judged again.</summary>
    internal static IReadOnlyList<(VerdictKey Key, JudgeVerdict Verdict)> Read(string file)
    {
        try
        {
            return [.. VerdictRecord.Read(RegularFile.ReadAllBytes(file, 2 * MostBytes))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return [];
        }
    }

    /// <summary>One file of all, the newest verdicts as far as there is room.</summary>
    private void Merge(string folder, IReadOnlyList<string> files)
    {
        var kept = new Dictionary<VerdictKey, JudgeVerdict>();
        foreach (var (key, verdict) in files.Reverse().SelectMany(file => Read(file).Reverse()))
        {
            if ((kept.Count + 1) * VerdictRecord.Bytes > mostBytes) break;
            kept.TryAdd(key, verdict);
        }

        // Oldest first, as they came: what is behind is what stays longest.
        Write(folder, kept.Reverse().Select(r => (r.Key, r.Value)));
        foreach (var file in files) File.Delete(file);
    }

    private static void Write(string folder, IEnumerable<(VerdictKey Key, JudgeVerdict Verdict)> records)
    {
        using var content = new MemoryStream();
        foreach (var (key, verdict) in records) VerdictRecord.Write(content, key, verdict);
        // Names sort by age; a second host's of the same moment is another one.
        var name = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow.Ticks:x16}-{Guid.NewGuid():N}{Extension}");
        ReplacedFile.Write(Path.Combine(folder, name), content.ToArray());
    }

    private static long Length(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (FileNotFoundException)
        {
            // Another host has merged it.
            return 0;
        }
    }
}
