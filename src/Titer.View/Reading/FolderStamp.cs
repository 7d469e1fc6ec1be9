using Titer.Runtime.Results;

namespace Titer.View.Reading;

/// <summary>
/// What tells that something in a results folder is new: five entries are asked for their times, also where a file system sends no notices.
/// </summary>
internal readonly record struct FolderStamp(DateTime Board, DateTime Lock, DateTime Phases, DateTime League, long Journal)
{
    public static FolderStamp Of(RunFolder folder)
    {
        var journal = new FileInfo(Path.Combine(folder.Path, RunJournal.FileName));
        // A folder's own time is that of the last file that came or went.
        return new FolderStamp(File.GetLastWriteTimeUtc(folder.LeaderboardFile), File.GetLastWriteTimeUtc(folder.LockFile),
            Directory.GetLastWriteTimeUtc(Path.GetDirectoryName(folder.PhaseFile("any"))!), File.GetLastWriteTimeUtc(LeagueReading.FileOf(folder)),
            journal.Exists ? journal.Length : 0);
    }

    /// <summary>A file system's clock ticks, and what comes within the tick of a look has the time that was seen.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>What a later look is held against: what changed within a tick of this one is looked at again.</summary>
    public FolderStamp Seen(DateTime now) => this with
    {
        Phases = now - new[] { Board, Lock, Phases }.Max() > Tick ? Phases : default,
        League = now - League > Tick ? League : default,
    };

    /// <summary>What a board is made of and what it was written as: without what is told beside it.</summary>
    public FolderStamp OfBoard => this with { League = default, Journal = 0 };

    /// <summary>The board was written after the last result, and of what was played.</summary>
    public bool IsBoardCurrent => Board > DateTime.UnixEpoch && Board >= Phases && Board >= Lock;
}
