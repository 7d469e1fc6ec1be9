using System.Collections.Concurrent;
using Titer.Files;
using Titer.Models.Checkpoints;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Configuration;

/// <summary>
/// Content hashes of checkpoints and programs that are resolved again and again: gigabytes are read once, and again only where a file came, went,
/// was replaced or written. Whoever plays one reads it himself. Thread-safe.
/// </summary>
internal sealed class EntrantHashes
{
    private readonly ConcurrentDictionary<string, (string Stamp, string Hash)> _known = [];

    /// <exception cref="CheckpointException">A file is missing, or a Git LFS pointer.</exception>
    public string Of(EnteredCheckpoint checkpoint) => Of(checkpoint.Folder, checkpoint.Files, checkpoint.ContentHash);

    /// <inheritdoc cref="ProgramRun.Hash" path="/exception"/>
    public string Of(ProgramOrder program) => Of(string.Join('\u001e', [program.Folder, .. program.Command]),
        PlainFolder.Files(program.Folder).Select(f => f.Path), () => ProgramRun.Hash(program));

    private string Of(string key, IEnumerable<string> files, Func<string> read)
    {
        // Before the files are read: what changes meanwhile is read again the next time.
        var stamp = string.Join('\n', files.Select(file => $"{file} {RegularFile.StampOf(file)}"));
        if (_known.TryGetValue(key, out var known) && known.Stamp == stamp) return known.Hash;
        var hash = read();
        _known[key] = (stamp, hash);
        return hash;
    }
}
