using System.Runtime.InteropServices;

namespace Titer.Files;

/// <summary>
/// The same file under a second name: a hard link where the file system and its owner allow one, else a copy. For somebody who can only read it
/// there: a link shares its bytes.
/// </summary>
public static partial class LinkedFile
{
    /// <exception cref="IOException">It cannot be copied either.</exception>
    public static void Put(string existing, string created)
    {
        // A link to a link would lead out of the folder.
        if (!OperatingSystem.IsWindows() && RegularFile.KindOf(existing) == EntryKind.File && Link(existing, created) == 0) return;
        File.Copy(existing, created);
    }

    /// <summary>Every file of a folder, in a folder that is made for them. Links are followed: what they point to is copied.</summary>
    /// <param name="takes">Whether a file is put there, by its full path and its name in the folder; null puts all of them.</param>
    /// <inheritdoc cref="Put"/>
    public static void PutFolder(string existing, string created, Func<string, string, bool>? takes = null)
    {
        var deep = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None };
        Directory.CreateDirectory(created);
        foreach (var file in Directory.EnumerateFiles(existing, "*", deep))
        {
            var name = Path.GetRelativePath(existing, file);
            if (takes?.Invoke(file, name.Replace(Path.DirectorySeparatorChar, '/')) == false) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(created, name))!);
            Put(file, Path.Combine(created, name));
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
