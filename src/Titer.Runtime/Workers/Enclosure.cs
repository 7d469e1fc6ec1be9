using System.ComponentModel;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Titer.Runtime.Workers;

/// <summary>
/// How a worker comes behind Landlock. The kernel binds a thread and what it executes, and a managed process has many threads when its first line
/// runs: so the worker's program is started to do nothing but this, binds its main thread, and executes itself again. That replaces all threads,
/// and keeps what was given up. No plugin, no torch and no order is in the process by then.
/// </summary>
internal static partial class Enclosure
{
    /// <summary>What a worker is started with to be enclosed first; ABI, GPU, rules, <c>--</c> and a command follow.</summary>
    public const string Argument = "--enclose";

    private const string CommandFollows = "--";
    private const char Pipe = 'p';
    private const string DescriptorPrefix = "fd:";

    private const int SetParentDeathSignal = 1;
    private const int SetSeccomp = 22;
    private const int DropFromBound = 24;
    private const int SetSecureBits = 28;
    private const int SetSubreaper = 36;
    private const int Ambient = 47;
    private const int KillSignal = 9;
    private const int ReferenceOnly = 0x200000;
    private const uint CapabilityVersion = 0x20080522;

    /// <summary>SIGHUP, SIGINT, SIGQUIT, SIGTERM: the shell's word for them, which this runtime has taken back.</summary>
    private static readonly int[] PassedBy = [1, 2, 3, 15];

    private static readonly Dictionary<LandlockAccess, char> Marks =
        new()
        {
            [LandlockAccess.Read] = 'r', [LandlockAccess.Names] = 'n', [LandlockAccess.Own] = 'o', [LandlockAccess.Write] = 'w',
            [LandlockAccess.Device] = 'd',
        };

    /// <summary>The host's side: what stands before a worker's own command.</summary>
    /// <param name="pipe">Where the worker would connect to; null without. It is connected here, since no socket can be made afterwards.</param>
    public static IEnumerable<string> Arguments(IEnumerable<LandlockRule> rules, int abi, bool withGpu, string? pipe) =>
    [
        Argument, abi.ToString(CultureInfo.InvariantCulture), withGpu ? "gpu" : "cpu", .. rules.Select(r => $"{Marks[r.Access]}{r.Path}"),
        .. pipe is null ? Array.Empty<string>() : [$"{Pipe}{pipe}"], CommandFollows,
    ];

    /// <summary>The worker's side: does not return where it succeeds.</summary>
    /// <returns>Why it did not.</returns>
    public static string Enter(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var end = Array.IndexOf(args, CommandFollows);
        var (abi, withGpu) = (int.Parse(args[1], CultureInfo.InvariantCulture), args[2] == "gpu");
        var rules = args[3..end].Where(a => a[0] != Pipe).Select(a => new LandlockRule(Marks.First(m => m.Value == a[0]).Key, a[1..])).ToArray();
        var command = args[(end + 1)..];
        try
        {
            if (args[3..end].FirstOrDefault(a => a[0] == Pipe) is { } pipe) command[^1] = $"{DescriptorPrefix}{Connected(pipe[1..])}";
            // Held open across the execution, so that the rules for them hold.
            foreach (var entry in LandlockRules.Pinned.Append(LandlockRules.Threads))
                _ = Open(entry.Replace("/proc/self", $"/proc/{Environment.ProcessId}", StringComparison.Ordinal), ReferenceOnly);
            GiveUpPrivileges();
            // A session is the scheduler's unit, and tells the worker's processes from others: nobody in it can leave it.
            Demand(NewSession(), "begin a session");
            Demand(Control(SetSubreaper, 1, 0, 0, 0), "keep its children's children");
            Demand(Control(SetParentDeathSignal, KillSignal, 0, 0, 0), "end with the host");
            Landlock.Restrict(rules, abi);
            Filter(LandlockFilter.Program(withGpu, abi, Environment.ProcessId));
            foreach (var signal in PassedBy) _ = Signal(signal, 1);
            Execute(command);
        }
        catch (Exception e) when (e is Win32Exception or SocketException or IOException)
        {
            return $"A worker could not be put behind Landlock: {e.Message}";
        }

        return $"A worker could not execute itself behind Landlock: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.";
    }

    /// <summary>The descriptor that an address stands for; null where it is a path.</summary>
    public static int? DescriptorOf(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.StartsWith(DescriptorPrefix, StringComparison.Ordinal)
            ? int.Parse(address.AsSpan(DescriptorPrefix.Length), CultureInfo.InvariantCulture) : null;
    }

    /// <returns>A descriptor that stays open across the execution.</returns>
    private static int Connected(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return (int)Demand(Duplicate((int)socket.Handle), "keep its pipe");
    }

    /// <summary>Root's: none are left, and none come back by executing a program. Whoever has none is
    /// refused the first step, and needs no other.</summary>
    private static unsafe void GiveUpPrivileges()
    {
        for (var capability = 0; Control(DropFromBound, capability, 0, 0, 0) == 0; capability++)
        {
        }

        // SECBIT_NOROOT and its lock.
        _ = Control(SetSecureBits, 3, 0, 0, 0);
        _ = Control(Ambient, 4, 0, 0, 0);
        uint* header = stackalloc uint[] { CapabilityVersion, 0 };
        uint* none = stackalloc uint[6];
        Demand(SetCapabilities(header, none), "give up its capabilities");
    }

    private static unsafe void Filter(byte[] program)
    {
        fixed (byte* instructions = program)
        {
            // struct sock_fprog: how many, and where.
            nint* described = stackalloc nint[] { program.Length / 8, (nint)instructions };
            Demand(Control(SetSeccomp, 2, (nint)described, 0, 0), "filter its system calls");
        }
    }

    private static unsafe void Execute(string[] command)
    {
        var words = new nint[command.Length + 1];
        for (var i = 0; i < command.Length; i++) words[i] = Marshal.StringToCoTaskMemUTF8(command[i]);
        fixed (nint* first = words) _ = Execute(command[0], first);
    }

    private static long Demand(long answer, string what) => answer >= 0 ? answer
        : throw new Win32Exception(Marshal.GetLastPInvokeError(),
            $"it cannot {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "capset", SetLastError = true)]
    private static unsafe partial int SetCapabilities(uint* header, uint* data);

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint Signal(int signal, nint action);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Execute(string path, nint* words);
}
