using Titer.Runtime.Results;

namespace Titer.View.Reading;

/// <summary>
/// What tells that something in a results folder is new: four entries are asked for their times, also where a file system sends no notices.
/// </summary>
internal readonly record struct FolderStamp(DateTime Board, DateTime Lock, DateTime Phases, long Journal)
{
    public static FolderStamp Of(RunFolder folder)
    {
        var journal = new FileInfo(Path.Combine(folder.Path, RunJournal.FileName));
        // A folder's own time is that of the last file that came or went.
        return new FolderStamp(File.GetLastWriteTimeUtc(folder.LeaderboardFile), File.GetLastWriteTimeUtc(folder.LockFile),
            Directory.GetLastWriteTimeUtc(Path.GetDirectoryName(folder.PhaseFile("any"))!), journal.Exists ? journal.Length : 0);
    }

    /// <summary>The board was written after the last result, and of what was played.</summary>
    public bool IsBoardCurrent => Board > DateTime.UnixEpoch && Board >= Phases && Board >= Lock;
}
