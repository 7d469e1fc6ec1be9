using System.Globalization;
using System.Runtime.InteropServices;

namespace Titer.Runtime.Workers;

/// <summary>
/// Inside a worker's walls: tries what a plugin must not be able to do, and tells what it could. That a program called bwrap is there says nothing;
/// that these were tried and refused does.
/// </summary>
internal static partial class WallProbe
{
    /// <summary>What a worker is started with.</summary>
    public const string Argument = "--walls";

    /// <summary>Begins the line of the answer; what follows is what it could do, with bars between.</summary>
    internal const string Answered = "walls:";

    /// <summary>In the place of a process namespace: the worker is in the host's.</summary>
    internal const string SharesProcesses = "shared";

    private const int InternetFamily = 2;
    private const int VirtualMachineFamily = 40;
    private const int StreamSocket = 1;

    /// <summary>It takes any argument, and leaves a queue behind.</summary>
    private const string CreatesWithAny = "msgget";

    private const long MostSharedMegabytes = 512;
    private static readonly string[] InMemory = ["/tmp", "/dev/shm"];
    private const int MostProcesses = 8;

    /// <summary>The line that the host reads.</summary>
    /// <param name="secret">A file that the host made, which must not be there.</param>
    /// <param name="processes">The host's own process namespace; <see cref="SharesProcesses"/> where the worker is in it.</param>
    public static string Answer(string secret, string processes)
    {
        var could = new List<string>();
        foreach (var (what, attempt) in Attempts(secret, processes))
        {
            try
            {
                if (attempt()) could.Add(what);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or EntryPointNotFoundException)
            {
                // Refused.
            }
        }

        return $"{Answered}{string.Join('|', could)}";
    }

    /// <summary>How many things are tried.</summary>
    internal static int Count(string processes) => Attempts("", processes).Count();

    private static IEnumerable<(string What, Func<bool> Attempt)> Attempts(string secret, string processes)
    {
        var isAlone = processes != SharesProcesses;
        yield return ("read a file of the operator", () => File.ReadAllText(secret).Length > 0);
        // A home below one of those folders is in memory as they are: whoever writes there has written nowhere.
        var home = Environment.GetEnvironmentVariable("HOME") ?? "/root";
        var isInMemory = isAlone && InMemory.Any(folder => home.StartsWith(folder + "/", StringComparison.Ordinal));
        foreach (var folder in (string[])["/", "/usr", "/etc", "/dev", AppContext.BaseDirectory, .. isInMemory ? Array.Empty<string>() : [home],
            .. isAlone ? Array.Empty<string>() : InMemory])
            yield return ($"write to {folder}", () => CanWrite(folder));
        foreach (var attempt in isAlone ? OfNamespaces(processes) : SharedWallProbe.Attempts(secret)) yield return attempt;
        yield return ("reach a network", () => IsOpened(Socket(InternetFamily, StreamSocket, 0)) || (isAlone && NetworkDevices() > 1));
        yield return ("reach the machine below this one", () => IsOpened(Socket(VirtualMachineFamily, StreamSocket, 0)));
        yield return ("use capabilities", () => Status("CapEff:").Trim('0').Length > 0);
        yield return ("gain privileges", () => Status("NoNewPrivs:") != "1");
        yield return ("call the kernel unfiltered", () => Status("Seccomp:") != "2");
        // With arguments that no call takes: nothing happens where it is answered.
        foreach (var call in SeccompFilter.Refused.Append(SeccompFilter.UnnamedMemory).Concat(isAlone ? [] : LandlockFilter.Refused)
            .Where(c => c.Name != CreatesWithAny))
        {
            if (SeccompFilter.NumberOf(call) is { } number) yield return ($"call {call.Name}", () =>
                Call(number, -1, -1, -1, -1, -1, -1) >= 0 || Marshal.GetLastPInvokeError() != SeccompFilter.NoSuchCall);
        }

        yield return ("leave memory dumps", () => Limit("Max core file size") != "0");
        yield return ("open files without end", () => Limit("Max open files") is var files
            && !(int.TryParse(files, CultureInfo.InvariantCulture, out var most) && most <= WorkerCommand.MostOpenFiles));
        yield return ("write files without end", () => Limit("Max file size") == "unlimited");
    }

    /// <summary>What bubblewrap hides or limits.</summary>
    private static IEnumerable<(string What, Func<bool> Attempt)> OfNamespaces(string processes)
    {
        yield return ("see other processes", () =>
            Directory.GetDirectories("/proc").Count(p => int.TryParse(Path.GetFileName(p), out _)) > MostProcesses
            || new FileInfo("/proc/self/ns/pid").LinkTarget == processes);
        foreach (var folder in InMemory)
            yield return ($"fill {folder}", () => new DriveInfo(folder).TotalSize > MostSharedMegabytes << 20);
    }

    /// <summary>By doing it: what a mode allows, walls may refuse. Nothing is left.</summary>
    private static bool CanWrite(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, $".titer-walls-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write,
            FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        return true;
    }

    private static bool IsOpened(int descriptor)
    {
        if (descriptor < 0) return false;
        _ = Close(descriptor);
        return true;
    }

    /// <summary>Two lines of head, then one a device; the loopback is one.</summary>
    private static int NetworkDevices() => File.ReadAllLines("/proc/net/dev").Length - 2;

    private static string Status(string field) =>
        File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal))[field.Length..].Trim();

    /// <summary>The hard limit.</summary>
    private static string Limit(string field) =>
        File.ReadLines("/proc/self/limits").First(l => l.StartsWith(field, StringComparison.Ordinal))[field.Length..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int kind, int protocol);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Call(long number, long a, long b, long c, long d, long e, long f);
}
