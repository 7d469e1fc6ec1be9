namespace Titer.Files;

/// <summary>
/// A short-lived folder of one phase: its pipe, the shadow copy of its plugin, and its temporary files. All of a process lie in one folder under
/// the temporary one, which says by a lock that its owner lives; what a killed process left is swept by the next.
/// </summary>
public sealed class ScratchFolder : IDisposable
{
    private bool _isDisposed;

    private ScratchFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Readable by the current user only. The name is short: a Unix socket path has at most 107 characters.</summary>
    /// <exception cref="IOException">The temporary folder is missing, full or not writable; the message says which one it is.</exception>
    public static ScratchFolder Create() => new(ScratchRoot.Take());

    /// <summary>Removes it with whatever a plugin left in it. Never throws: what resists is swept by a later process.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        StubbornFolder.Delete(Path);
        ScratchRoot.Return();
    }
}
