using System.Collections.Concurrent;
using Titer.Files;

namespace Titer.Runtime.Results;

/// <summary>
/// Defended weights under their content address. A file is hashed before a run first uses it, and again when its length or time changed since:
/// one that is not what its name says is set aside. Thread-safe.
/// </summary>
internal sealed class StoredWeights(RunFolder folder)
{
    private readonly ConcurrentDictionary<string, (long Length, long Ticks)> _sound = [];

    /// <summary>Whether they can be played on.</summary>
    /// <param name="notice">Hears what is wrong with a file that is there: a clause.</param>
    public bool Holds(string hash, Action<string> notice)
    {
        var file = folder.WeightsFile(hash);
        if (!RunFolder.Has(file)) return false;
        if (_sound.TryGetValue(hash, out var known) && known == Stamp(file)) return true;
        var stamp = Stamp(file);
        if (RegularFile.HashOf(file) == hash)
        {
            _sound[hash] = stamp;
            return true;
        }

        notice($"TITER226 {file} was changed: its SHA-256 is not its name. It was set aside as {folder.SetAside(file)}; the defense is computed "
            + "again.");
        return false;
    }

    /// <summary>A new file may have been written in the same length; time and length together are what a careless change alters.</summary>
    private static (long Length, long Ticks) Stamp(string file) =>
        new FileInfo(file) is { Exists: true } info ? (info.Length, info.LastWriteTimeUtc.Ticks) : default;
}
