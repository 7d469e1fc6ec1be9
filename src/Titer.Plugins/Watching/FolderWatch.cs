namespace Titer.Plugins.Watching;

/// <summary>
/// Says that a folder has come to rest after a change. What an event claims is never used: every event only restarts the settle time, and
/// the listener looks for itself. Follows the folder when it is replaced, removed and made again, or a link that is pointed elsewhere.
/// </summary>
internal sealed class FolderWatch : IDisposable
{
    /// <summary>Long enough for a copy of a few files, short enough for an author not to notice.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    /// <summary>For what no event tells: network file systems, an overrun event queue, a link to a file elsewhere.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly Action _settled;
    private readonly Timer _settle;
    private readonly Timer _poll;
    private readonly List<FileSystemWatcher> _watchers = [];
    private string _armedFor = "";
    private long _stamp;
    private bool _disposed;

    /// <param name="settled">Called on a pool thread, never twice at a time.</param>
    public FolderWatch(string path, Action settled)
    {
        (_path, _settled) = (Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), settled);
        _settle = new Timer(_ => Settle());
        _stamp = Stamp();
        Arm();
        _poll = new Timer(_ => Poll(), null, PollInterval, PollInterval);
    }

    /// <summary>Calls the listener after that time, unless something changes before.</summary>
    public void Again(TimeSpan after)
    {
        lock (_lock)
        {
            if (!_disposed) _settle.Change(after, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _settle.Dispose();
            _poll.Dispose();
            foreach (var watcher in _watchers) watcher.Dispose();
        }
    }

    private void Settle()
    {
        lock (_lock)
        {
            if (_disposed) return;
            Arm();
            _stamp = Stamp();
        }

        lock (_settled) _settled();
    }

    private void Poll()
    {
        lock (_lock)
        {
            if (_disposed || Stamp() == _stamp) return;
            _stamp = Stamp();
        }

        Again(SettleTime);
    }

    /// <summary>The folder itself where it really lies, and every folder in which a link or the folder could be replaced.</summary>
    private void Arm()
    {
        var real = RealPath();
        var armed = $"{real}|{Directory.Exists(real)}";
        if (armed == _armedFor) return;
        _armedFor = armed;
        foreach (var watcher in _watchers) watcher.Dispose();
        _watchers.Clear();
        if (Directory.Exists(real)) Watch(real, "*", recursive: true);
        foreach (var place in new[] { _path, real }.Distinct().Where(p => Directory.Exists(Path.GetDirectoryName(p))))
            Watch(Path.GetDirectoryName(place)!, Path.GetFileName(place), recursive: false);
    }

    private void Watch(string folder, string filter, bool recursive)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder, filter)
            {
                IncludeSubdirectories = recursive,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size
                    | NotifyFilters.CreationTime,
            };
            watcher.Changed += (_, _) => Again(SettleTime);
            watcher.Created += (_, _) => Again(SettleTime);
            watcher.Deleted += (_, _) => Again(SettleTime);
            watcher.Renamed += (_, _) => Again(SettleTime);
            watcher.Error += (_, _) => Again(SettleTime);
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            // Gone in between, or the system is out of watches: the poll sees it.
        }
    }

    private string RealPath()
    {
        try
        {
            return new DirectoryInfo(_path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? _path;
        }
        catch (IOException)
        {
            return _path;
        }
    }

    /// <summary>Folders that are reached by links may lead round.</summary>
    private static EnumerationOptions WithoutLinks { get; } =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };

    /// <summary>Names, lengths and times: cheap, and different after any real change.</summary>
    private long Stamp()
    {
        try
        {
            var hash = new HashCode();
            hash.Add(RealPath(), StringComparer.Ordinal);
            foreach (var file in new DirectoryInfo(_path).EnumerateFiles("*", WithoutLinks).OrderBy(f => f.FullName, StringComparer.Ordinal))
            {
                var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                hash.Add(file.FullName, StringComparer.Ordinal);
                hash.Add(target.Length);
                hash.Add(target.LastWriteTimeUtc);
            }

            return hash.ToHashCode();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }
}
