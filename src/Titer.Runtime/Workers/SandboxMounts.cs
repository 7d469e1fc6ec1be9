namespace Titer.Runtime.Workers;

/// <summary>Which folders a sandboxed process needs so that every symbolic link in them leads somewhere.</summary>
internal static class SandboxMounts
{
    private const int MostHops = 16;

    /// <summary>The paths, and the folders of everything that links in them point to, hop by hop; each once, none below another.</summary>
    /// <param name="recursive">Folders whose subfolders are searched for links, too.</param>
    public static IReadOnlyList<string> Closure(IEnumerable<string> paths, bool recursive = false)
    {
        var mounts = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in paths.Where(p => Directory.Exists(p) || File.Exists(p)))
        {
            mounts.Add(path);
            AddTargets(path, mounts);
            if (!Directory.Exists(path)) continue;
            foreach (var entry in Directory.EnumerateFileSystemEntries(path, "*", recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)) AddTargets(entry, mounts);
        }

        // Ordinal order puts a folder before what lies in it.
        var result = new List<string>();
        foreach (var mount in mounts)
        {
            if (!result.Exists(r => mount.StartsWith(r.TrimEnd('/') + "/", StringComparison.Ordinal))) result.Add(mount);
        }

        return result;
    }

    private static void AddTargets(string path, SortedSet<string> mounts)
    {
        for (var hop = 0; hop < MostHops; hop++)
        {
            FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            if (info.LinkTarget is null || info.ResolveLinkTarget(returnFinalTarget: false) is not { } target) return;
            path = target.FullName;
            if (Directory.Exists(path)) mounts.Add(path);
            else if (Path.GetDirectoryName(path) is { } folder) mounts.Add(folder);
        }
    }
}
