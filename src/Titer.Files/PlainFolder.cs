namespace Titer.Files;

/// <summary>What a folder of somebody else may hold at most.</summary>
/// <param name="TotalBytes">Of all files together.</param>
public sealed record FolderLimits(long TotalBytes, int FileCount);

/// <summary>One regular file of a folder.</summary>
/// <param name="Name">Relative to the folder, with forward slashes.</param>
/// <param name="Path">Full path.</param>
public readonly record struct PlainFile(string Name, string Path);

/// <summary>
/// The files of a folder that holds regular files and folders only. A pipe would be waited for, a device read without end, a link followed out
/// of the folder or round in it: they are refused by what they are, before anything is opened. The folder itself may be reached by a link.
/// </summary>
public static class PlainFolder
{
    public static FolderLimits NoLimits { get; } = new(long.MaxValue, int.MaxValue);

    /// <returns>In ordinal order of the names.</returns>
    /// <exception cref="PlainFolderException">It holds something else, or more than it may.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<PlainFile> Files(string folder, FolderLimits? limits = null)
    {
        limits ??= NoLimits;
        var files = new List<PlainFile>();
        var bytes = 0L;
        var open = new Stack<string>([System.IO.Path.GetFullPath(folder)]);
        while (open.TryPop(out var at))
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(at))
            {
                var name = System.IO.Path.GetRelativePath(folder, path).Replace('\\', '/');
                switch (RegularFile.KindOf(path))
                {
                    case EntryKind.Missing: break;
                    case EntryKind.Folder: open.Push(path); break;
                    case EntryKind.File:
                        files.Add(new PlainFile(name, path));
                        bytes += new FileInfo(path).Length;
                        break;
                    case EntryKind.Link:
                        throw new PlainFolderException($"holds the link '{name}'",
                            "Put a copy of what it points to in its place (cp -rL, or tar -h).");
                    default:
                        throw new PlainFolderException($"holds '{name}', which is a pipe, a socket or a device", "Remove it.");
                }

                if (files.Count > limits.FileCount || bytes > limits.TotalBytes)
                    throw new PlainFolderException(
                        FormattableString.Invariant($"holds more than {limits.FileCount} files or {limits.TotalBytes >> 20} MB"),
                        "Leave out what the program does not load; data belongs elsewhere.");
            }
        }

        files.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return files;
    }
}

/// <summary>A folder holds what it may not.</summary>
/// <param name="fact">For behind the folder's name.</param>
public sealed class PlainFolderException(string fact, string fix) : IOException($"The folder {fact}. {fix}")
{
    public string Fact { get; } = fact;

    public string Fix { get; } = fix;
}
