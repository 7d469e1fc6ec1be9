using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Titer.Files;

/// <summary>The one folder under the temporary folder in which a process has its scratch folders. Thread-safe.</summary>
internal static partial class ScratchRoot
{
    private const string Prefix = "titer-";
    private const string LockName = ".lock";

    /// <summary>A socket's path has at most 107 characters; what is added to the temporary folder's is shorter than the rest.</summary>
    private const int MostCharacters = 70;

    private const int MostTries = 10;
    private const int NameCharacters = 8;

    private static readonly Lock Taking = new();
    private static string? _path;
    private static FileStream? _lock;
    private static int _taken;

    /// <summary>Where scratch folders lie: the system's temporary folder, or one with a short name
    /// where that one's is too long for a socket.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static string TemporaryFolder()
    {
        var folder = System.IO.Path.GetFullPath(System.IO.Path.GetTempPath());
        if (folder.Length <= MostCharacters) return folder;
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return new[] { runtime, "/tmp", "/dev/shm" }.OfType<string>()
            .FirstOrDefault(f => f.Length is > 0 and <= MostCharacters && Directory.Exists(f))
            ?? throw new FileRefusalException(
                $"TITER230 The temporary folder {folder} has a path of over {MostCharacters} characters, too long for a socket in it. Set TMPDIR "
                    + "to a folder with a shorter path.");
    }

    /// <summary>A new empty folder.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static string Take()
    {
        lock (Taking)
        {
            var temporary = TemporaryFolder();
            try
            {
                // Somebody may have cleaned the temporary folder while the process lived.
                if (_taken == 0 || !Directory.Exists(_path)) Open(temporary);
                // By chance: a number would tell whoever lives in it what the process did before.
                var folder = System.IO.Path.Combine(_path!, RandomNumberGenerator.GetHexString(NameCharacters, lowercase: true));
                Directory.CreateDirectory(folder);
                _taken++;
                return folder;
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                throw new FileRefusalException(
                    $"TITER230 No folder can be made in the temporary folder {temporary}: {e.Message} Make room in it, or set TMPDIR to a folder "
                        + "that you can write to.", e);
            }
        }
    }

    /// <summary>The last folder's return removes the root.</summary>
    public static void Return()
    {
        lock (Taking)
        {
            if (--_taken > 0 || _path is null) return;
            Close();
        }
    }

    private static void Open(string temporary)
    {
        Close();
        Sweep(temporary);
        for (var tries = 1; ; tries++)
        {
            var path = MakePrivate(temporary);
            try
            {
                _lock = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
                _path = path;
                return;
            }
            catch (IOException) when (tries < MostTries && !IsFull(path))
            {
                // Another process swept between the making of the file and its lock, and took it for a dead one's.
                StubbornFolder.Delete(path);
            }
        }
    }

    private static bool IsFull(string folder) => Directory.Exists(folder) && new DriveInfo(folder).AvailableFreeSpace == 0;

    /// <summary>Readable by this user alone, and new: in a shared temporary folder nobody can have put it there before.</summary>
    private static string MakePrivate(string temporary)
    {
        if (!OperatingSystem.IsLinux()) return Directory.CreateTempSubdirectory(Prefix).FullName;
        var template = Encoding.UTF8.GetBytes(System.IO.Path.Combine(temporary, Prefix + "XXXXXX") + "\0");
        if (MakeTemporary(ref template[0]) == 0) throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()) + ".");
        return Encoding.UTF8.GetString(template.AsSpan()[..^1]);
    }

    private static void Close()
    {
        if (_path is { } path) StubbornFolder.Delete(path);
        _lock?.Dispose();
        (_lock, _path) = (null, null);
    }

    /// <summary>Removes what processes left that were killed: their locks are free.</summary>
    internal static void Sweep(string temporary)
    {
        foreach (var folder in Directory.EnumerateDirectories(temporary, Prefix + "*"))
        {
            try
            {
                var file = System.IO.Path.Combine(folder, LockName);
                if (!File.Exists(file)) continue;
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) StubbornFolder.Delete(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its owner lives, or it is another user's.
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "mkdtemp", SetLastError = true)]
    private static partial nint MakeTemporary(ref byte template);
}
