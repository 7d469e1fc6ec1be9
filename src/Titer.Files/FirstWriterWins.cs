using System.Runtime.InteropServices;
using System.Text;

namespace Titer.Files;

/// <summary>
/// Commits a file so that exactly one of several racing writers succeeds, also over NFS: the text goes to a temporary file, which is
/// flushed and then <c>link()</c>ed to its name. <c>File.Move(overwrite: false)</c> is a plain <c>rename()</c> on Linux and lets two writers win.
/// </summary>
public static partial class FirstWriterWins
{
    private const int AlreadyExists = 17;
    private const int NotImplemented = 38;
    private const int InvalidArgument = 22;
    private const int OpenDirectory = 0x10000;
    private const int CurrentFolder = -100;
    private const uint DoNotReplace = 1;

    /// <summary>EPERM, EMLINK, ENOSYS, EOPNOTSUPP.</summary>
    private static readonly int[] NoHardLinks = [1, 31, 38, 95];

    /// <summary>True when this call made the file; false when it was there already.</summary>
    public static bool Commit(string path, string text)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp";
        using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        try
        {
            return OperatingSystem.IsWindows() ? CommitByMove(temporary, path) : CommitByLink(temporary, path, folder);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static bool CommitByLink(string temporary, string path, string folder)
    {
        if (Link(temporary, path) == 0)
        {
            FlushFolder(folder);
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error == AlreadyExists) return false;
        if (NoHardLinks.Contains(error)) return CommitByRename(temporary, path, folder);
        throw new FileRefusalException(
            $"TITER231 {path} cannot be written: {Marshal.GetPInvokeErrorMessage(error)}. Make room, or choose another folder with --out.");
    }

    /// <summary>For file systems without hard links (exFAT, many FUSE mounts): a rename that does not replace, as atomic as a link.</summary>
    private static bool CommitByRename(string temporary, string path, string folder)
    {
        if (Rename(CurrentFolder, temporary, CurrentFolder, path, DoNotReplace) == 0)
        {
            FlushFolder(folder);
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error == AlreadyExists) return false;
        if (error is not (InvalidArgument or NotImplemented))
            throw new FileRefusalException($"TITER231 {path} cannot be written: {Marshal.GetPInvokeErrorMessage(error)}.");
        // Neither: only the process that holds the run's folder comes here.
        return CommitByMove(temporary, path);
    }

    /// <summary>On Windows a move without overwriting is atomic.</summary>
    private static bool CommitByMove(string temporary, string path)
    {
        if (File.Exists(path)) return false;
        try
        {
            File.Move(temporary, path);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    private static void FlushFolder(string folder)
    {
        var descriptor = Open(folder, OpenDirectory);
        if (descriptor < 0) return;
        _ = FlushToDisk(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushToDisk(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
