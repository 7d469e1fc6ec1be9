using System.Globalization;

namespace Titer.Plugins.Watching;

/// <summary>Whether a process has a file open to write in it, as far as this user may know: a copy that stalls is still a copy.</summary>
internal static class OpenForWriting
{
    private const string Processes = "/proc";

    /// <summary>The last octal digit of <c>flags:</c> says what a descriptor is open for; 0 is reading.</summary>
    private const string Flags = "flags:";

    /// <returns>False where the system does not tell.</returns>
    public static bool Any(string path) => OperatingSystem.IsLinux() && Directory.Exists(Processes)
        && Directory.EnumerateDirectories(Processes).Any(process => IsProcess(process) && IsWriting(process, path));

    private static bool IsProcess(string folder) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsWriting(string process, string path)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd")).Any(descriptor =>
                new FileInfo(descriptor).LinkTarget is { } target && IsAt(target, path)
                    && IsForWriting(Path.Combine(process, "fdinfo", Path.GetFileName(descriptor))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is somebody else's.
            return false;
        }
    }

    private static bool IsAt(string target, string path) => target.StartsWith(path, StringComparison.Ordinal)
        && (target.Length == path.Length || target[path.Length] == Path.DirectorySeparatorChar);

    private static bool IsForWriting(string info) =>
        File.ReadLines(info).FirstOrDefault(l => l.StartsWith(Flags, StringComparison.Ordinal)) is { } line && line[^1] is '1' or '2';
}
