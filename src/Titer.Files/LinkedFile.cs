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
    /// <inheritdoc cref="Put"/>
    public static void PutFolder(string existing, string created)
    {
        Directory.CreateDirectory(created);
        foreach (var file in Directory.EnumerateFiles(existing)) Put(file, Path.Combine(created, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(existing)) PutFolder(folder, Path.Combine(created, Path.GetFileName(folder)));
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
