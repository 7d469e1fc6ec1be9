namespace Titer.Files;

/// <summary>Copies a folder of regular files and folders, with everything in it.</summary>
public static class FolderCopy
{
    /// <param name="takes">Whether a file is copied, by its full path and its name in the folder; null copies all of them.</param>
    /// <exception cref="PlainFolderException">The folder holds something else, or more than it may.</exception>
    /// <exception cref="IOException">It cannot be read, or the copy not be written.</exception>
    public static void Copy(string source, string target, FolderLimits? limits = null, Func<string, string, bool>? takes = null)
    {
        limits ??= PlainFolder.NoLimits;
        Directory.CreateDirectory(target);
        foreach (var (name, path) in PlainFolder.Files(source, limits))
        {
            if (takes?.Invoke(path, name) == false) continue;
            var copy = Path.Combine(target, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            using var from = RegularFile.OpenRead(path, limits.TotalBytes);
            using var to = new FileStream(copy, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            from.CopyTo(to);
        }
    }
}
