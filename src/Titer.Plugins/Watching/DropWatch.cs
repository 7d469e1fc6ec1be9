using System.Runtime.CompilerServices;
using Titer.Plugins.Packaging;

namespace Titer.Plugins.Watching;

/// <summary>What lies at a place of a watched folder.</summary>
internal enum DropKind
{
    /// <summary>Nothing any more.</summary>
    Gone,

    /// <summary>A folder: one plugin.</summary>
    Folder,

    /// <summary>A package.</summary>
    Package,

    /// <summary>What an author handed in.</summary>
    Submission,

    /// <summary>A dll that lies beside the plugins' folders, in none of its own.</summary>
    LooseAssembly,
}

/// <summary>A place in a watched folder that came to rest after a change.</summary>
/// <param name="Path">Full path.</param>
/// <param name="MayBeUnfinished">It came to rest a short while ago: what looks damaged may be half of a copy.</param>
internal sealed record Drop(string Path, DropKind Kind, bool MayBeUnfinished);

/// <summary>
/// Says which places of watched folders changed and came to rest. Every place rests by itself, so that a long copy holds up nothing but itself; and
/// one into which a process of this user still writes does not rest. What an event claims is never used: it only makes the watch look. A watched
/// folder that is not there (an unmounted share) has lost nothing: its places stay as they were. Used by one reader.
/// </summary>
internal sealed class DropWatch : IDisposable
{
    /// <summary>Without any change: longer than between two files of a copy.</summary>
    private static readonly TimeSpan RestTime = TimeSpan.FromMilliseconds(400);

    /// <summary>After it what looks damaged is damaged.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>While something has not come to rest.</summary>
    private static readonly TimeSpan ShortLook = TimeSpan.FromMilliseconds(100);

    /// <summary>For what no event tells: network file systems, an overrun event queue.</summary>
    private static readonly TimeSpan LongLook = TimeSpan.FromSeconds(1);

    public const string SubmissionExtension = ".titer-submission";

    private readonly string[] _folders;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _woken = new(0);
    private readonly Dictionary<string, WatchedPlace> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);

    public DropWatch(IEnumerable<string> folders, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(folders);
        _folders = [.. folders.Select(f => Path.TrimEndingDirectorySeparator(Path.GetFullPath(f))).Distinct(StringComparer.Ordinal)];
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Drops as they come to rest, together those that did at the same time; without end, and first everything that is there.</summary>
    public async IAsyncEnumerable<IReadOnlyList<Drop>> DropsAsync([EnumeratorCancellation] CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Arm();
            if (Look() is { Count: > 0 } drops) yield return drops;
            try
            {
                await _woken.WaitAsync(_places.Values.Any(p => !p.IsTold) ? ShortLook : LongLook, stop);
            }
            catch (OperationCanceledException)
            {
                yield break;
            }

            // One look is enough for however many events.
            while (_woken.Wait(0, CancellationToken.None)) continue;
        }
    }

    /// <summary>Places that changed since they were told and have come to rest.</summary>
    internal IReadOnlyList<Drop> Look()
    {
        var now = _clock.GetTimestamp();
        var there = _folders.Where(Directory.Exists).SelectMany(PlacesIn).ToDictionary(p => p.Path, p => p.Kind, StringComparer.Ordinal);
        foreach (var (path, _) in there.Where(p => !_places.ContainsKey(p.Key))) _places.Add(path, new WatchedPlace(path));
        var drops = new List<Drop>();
        foreach (var place in _places.Values.OrderBy(p => p.Path, StringComparer.Ordinal).ToArray())
        {
            var kind = there.GetValueOrDefault(place.Path);
            if (kind == DropKind.Gone && !_folders.Any(f => IsIn(place.Path, f) && Directory.Exists(f))) continue;
            place.See(kind == DropKind.Gone ? 0 : PlaceStamp.Of(place.Path), now);
            var rested = _clock.GetElapsedTime(place.Since, now);
            if (place.IsTold || rested < (place.IsPostponed ? Patience : RestTime)) continue;
            if (kind != DropKind.Gone && OpenForWriting.Any(place.Path))
            {
                place.Stir(now);
                continue;
            }

            place.Tell();
            if (kind == DropKind.Gone) _places.Remove(place.Path);
            drops.Add(new Drop(place.Path, kind, rested < Patience));
        }

        return drops;
    }

    /// <summary>Something lay at a place when it was looked at last: if it is gone since, that is told.</summary>
    public void Expect(string path) => _places.TryAdd(path, new WatchedPlace(path));

    /// <summary>What was told looks unfinished: it is told once more, when it has rested for longer.</summary>
    public void Postpone(Drop drop)
    {
        ArgumentNullException.ThrowIfNull(drop);
        if (_places.TryGetValue(drop.Path, out var place)) place.Postpone();
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers.Values) watcher.Dispose();
        _woken.Dispose();
    }

    private static bool IsIn(string path, string folder) => Path.GetDirectoryName(path) == folder;

    /// <summary>Names that begin with a dot are somebody's scratch: a copy is made there and renamed into place.</summary>
    private static IEnumerable<(string Path, DropKind Kind)> PlacesIn(string folder)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = new DirectoryInfo(folder).GetFileSystemInfos();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var entry in entries.Where(e => !e.Name.StartsWith('.')))
        {
            if (entry is DirectoryInfo) yield return (entry.FullName, DropKind.Folder);
            else if (HasExtension(entry, PackageLayout.Extension)) yield return (entry.FullName, DropKind.Package);
            else if (HasExtension(entry, SubmissionExtension)) yield return (entry.FullName, DropKind.Submission);
            else if (HasExtension(entry, ".dll")) yield return (entry.FullName, DropKind.LooseAssembly);
        }
    }

    private static bool HasExtension(FileSystemInfo entry, string extension) =>
        entry.Name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    private void Arm()
    {
        foreach (var folder in _folders)
        {
            if (_watchers.ContainsKey(folder) == Directory.Exists(folder)) continue;
            if (_watchers.Remove(folder, out var old))
            {
                old.Dispose();
                continue;
            }

            try
            {
                var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
                watcher.Changed += (_, _) => Wake();
                watcher.Created += (_, _) => Wake();
                watcher.Deleted += (_, _) => Wake();
                watcher.Renamed += (_, _) => Wake();
                watcher.EnableRaisingEvents = true;
                _watchers.Add(folder, watcher);
            }
            catch (Exception e) when (e is IOException or ArgumentException)
            {
                // Gone in between, or the system is out of watches: the long look sees it.
            }
        }
    }

    private void Wake()
    {
        try
        {
            if (_woken.CurrentCount == 0) _woken.Release();
        }
        catch (ObjectDisposedException)
        {
            // An event that was on its way when the watch ended.
        }
    }
}
