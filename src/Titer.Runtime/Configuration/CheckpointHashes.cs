using System.Collections.Concurrent;
using Titer.Models.Checkpoints;

namespace Titer.Runtime.Configuration;

/// <summary>
/// Content hashes of checkpoints that are resolved again and again: gigabytes are read once, and again only where a file's length or time of
/// writing changed. Thread-safe.
/// </summary>
internal sealed class CheckpointHashes
{
    private readonly ConcurrentDictionary<string, (string Stamp, string Hash)> _known = [];

    /// <exception cref="CheckpointException">A file is missing, or a Git LFS pointer.</exception>
    public string Of(EnteredCheckpoint checkpoint)
    {
        // Before the files are read: what changes meanwhile is read again the next time.
        var stamp = string.Join('\n', checkpoint.Files.Select(Stamp));
        if (_known.TryGetValue(checkpoint.Folder, out var known) && known.Stamp == stamp) return known.Hash;
        var hash = checkpoint.ContentHash();
        _known[checkpoint.Folder] = (stamp, hash);
        return hash;
    }

    private static string Stamp(string path)
    {
        // A snapshot of Hugging Face's cache is a folder of links: what counts is what they lead to.
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        return FormattableString.Invariant(
            $"{target.FullName} {(target is FileInfo { Exists: true } found ? found.Length : -1)} {target.LastWriteTimeUtc.Ticks}");
    }
}
