namespace Titer.Plugins.Watching;

/// <summary>What is known of one place: its last stamp, since when it has that, and whether that was told.</summary>
internal sealed class WatchedPlace(string path)
{
    private long? _stamp;

    public string Path { get; } = path;

    /// <summary>Timestamp of the last change.</summary>
    public long Since { get; private set; }

    public bool IsTold { get; private set; }

    /// <summary>It is told when it has rested for long.</summary>
    public bool IsPostponed { get; private set; }

    public void See(long stamp, long now)
    {
        if (stamp == _stamp) return;
        _stamp = stamp;
        IsPostponed = false;
        Stir(now);
    }

    public void Stir(long now) => (Since, IsTold) = (now, false);

    public void Tell() => IsTold = true;

    public void Postpone() => (IsTold, IsPostponed) = (false, true);
}

/// <summary>Names, lengths and times of what lies at a place: cheap, and different after any real change.</summary>
internal static class PlaceStamp
{
    /// <summary>Folders that are reached by links may lead round.</summary>
    private static readonly EnumerationOptions WithoutLinks =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };

    public static long Of(string path)
    {
        try
        {
            var hash = new HashCode();
            FileSystemInfo[] entries = Directory.Exists(path) ? new DirectoryInfo(path).GetFileSystemInfos("*", WithoutLinks) : [new FileInfo(path)];
            foreach (var entry in entries.OrderBy(e => e.FullName, StringComparer.Ordinal))
            {
                hash.Add(entry.FullName, StringComparer.Ordinal);
                hash.Add(entry.LastWriteTimeUtc);
                if (entry is FileInfo file) hash.Add(file.Length);
            }

            return ((long)hash.ToHashCode() << 1) | 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }
}
