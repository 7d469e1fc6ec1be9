using System.Runtime.InteropServices;

namespace Titer.Runtime.Workers;

/// <summary>Inside walls without namespaces (Landlock and a filter): what a worker might do to
/// processes and files that it shares a system with.</summary>
internal static partial class SharedWallProbe
{
    private const int UnixFamily = 1;
    private const int DatagramSocket = 2;
    private const int SetSubreaper = 36;
    private const int GetSubreaper = 37;
    private const int CoreSize = 4;
    private const UnixFileMode ForOthers = UnixFileMode.OtherWrite;

    /// <param name="secret">A file of the host's, in a folder that no rule names.</param>
    public static IEnumerable<(string What, Func<bool> Attempt)> Attempts(string secret)
    {
        var host = Parent();
        var own = Path.Combine(Environment.GetEnvironmentVariable("TMPDIR") ?? "/", "taken");
        yield return ("write to a file of the operator", () =>
        {
            using var file = File.OpenWrite(secret);
            return true;
        });
        yield return ("cut a file of the operator off", () => Truncate(secret, 0) == 0);
        yield return ("take a file of the operator into its folder", () => Link(secret, own) == 0 || Rename(secret, own) == 0);
        yield return ("let others write to a file of the operator", () => Change(secret, ForOthers) == 0 && IsForOthers(secret));
        yield return ("list a folder of the operator", () => Directory.GetFileSystemEntries(Path.GetDirectoryName(secret)!).Length > 0);
        yield return ("remove a file of the operator", () => Unlink(secret) == 0);
        yield return ("list processes", () => Directory.GetDirectories("/proc").Length > 0);
        yield return ("read how the host was started", () => File.ReadAllText($"/proc/{host}/cmdline").Length > 0);
        yield return ("read the host's variables", () => File.ReadAllText($"/proc/{host}/environ").Length > 0);
        yield return ("read the host's memory", () =>
        {
            using var memory = File.OpenRead($"/proc/{host}/mem");
            return true;
        });
        yield return ("signal the host", () => Signal(host, 0) == 0);
        yield return ("see the host's limits, and set them", () => Limit(host, CoreSize, 0, 0) == 0);
        yield return ("take the host's processors",
            () => Processors(host, 0, 0) != -1 || Marshal.GetLastPInvokeError() != SeccompFilter.NotPermitted);
        yield return ("ask a service of the machine", () => Socket(UnixFamily, 1, 0) >= 0);
        yield return ("send to a service of the machine", () => Pair(UnixFamily, DatagramSocket, 0, new int[2]) == 0);
        yield return ("let its children leave", () => Control(SetSubreaper, 0, 0, 0, 0) == 0 && Control(GetSubreaper, out var keeps, 0, 0, 0) == 0
            && keeps == 0);
    }

    private static bool IsForOthers(string file) => OperatingSystem.IsLinux() && (File.GetUnixFileMode(file) & ForOthers) != 0;

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int Parent();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "prlimit")]
    private static partial int Limit(int process, int resource, nint set, nint old);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int Processors(int process, nint size, nint set);

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int Socket(int family, int kind, int protocol);

    [LibraryImport("libc", EntryPoint = "socketpair")]
    private static partial int Pair(int family, int kind, int protocol, [Out] int[] ends);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, out int a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "truncate", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Truncate(string path, long length);

    [LibraryImport("libc", EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string existing, string created);

    [LibraryImport("libc", EntryPoint = "chmod", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Change(string path, UnixFileMode mode);
}
