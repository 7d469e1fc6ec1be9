namespace Titer.Runtime.Workers;

/// <summary>A short-lived folder of one phase: its pipe, the shadow copy of its plugin, and its temporary files.</summary>
public sealed class ScratchFolder : IDisposable
{
    private ScratchFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Readable by the current user only. The name is short: a Unix socket path has at most 107 characters.</summary>
    public static ScratchFolder Create() => new(Directory.CreateTempSubdirectory("titer-").FullName);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // A plugin removed its own scratch folder: nothing is left to do.
        }
    }
}
