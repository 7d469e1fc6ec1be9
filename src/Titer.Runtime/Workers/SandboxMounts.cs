namespace Titer.Runtime.Workers;

/// <summary>Which folders a sandboxed process needs so that every symbolic link in them leads somewhere.</summary>
internal static class SandboxMounts
{
    private const int MostHops = 16;

    /// <summary>
    /// The paths, and everything that links in them point to, hop by hop; each once, none below another. A link to a file opens that file
    /// alone, not what lies beside it.
    /// </summary>
    /// <param name="recursive">Search subfolders for links, too.</param>
    /// <param name="except">A folder whose links are not followed.</param>
    public static IReadOnlyList<string> Closure(IEnumerable<string> paths, bool recursive = false, string? except = null)
    {
        var mounts = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in paths.Where(p => Directory.Exists(p) || File.Exists(p)))
        {
            mounts.Add(path);
            AddTargets(path, mounts);
            if (!Directory.Exists(path)) continue;
            foreach (var entry in Directory.EnumerateFileSystemEntries(path, "*",
                recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly))
            {
                if (except is null || !entry.StartsWith(except, StringComparison.Ordinal)) AddTargets(entry, mounts);
            }
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
            mounts.Add(path);
        }
    }
}
