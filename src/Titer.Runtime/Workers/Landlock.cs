using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Titer.Runtime.Workers;

/// <summary>
/// The kernel's Landlock (Documentation/userspace-api/landlock.rst; structures and bits of linux/landlock.h): a process without privileges gives up
/// every file that no rule names, and whatever it starts with it. There are no functions of libc for it, so the calls are made by number, the same
/// on every processor.
/// </summary>
internal static partial class Landlock
{
    /// <summary>Before it a file that may only be read can be cut off (truncate): Linux 6.2 has it.</summary>
    public const int LeastAbi = 3;

    /// <summary>From it on no signal leaves the domain: Linux 6.12.</summary>
    public const int ScopesAbi = 6;

    private const long CreateRuleset = 444;
    private const long AddRule = 445;
    private const long RestrictSelf = 446;
    private const nint AskVersion = 1;
    private const int PathBeneath = 1;
    private const int ReferenceOnly = 0x200000;
    private const int CloseOnExec = 0x80000;
    private const int NoNewPrivileges = 38;

    private const ulong Execute = 1 << 0;
    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadFolder = 1 << 3;
    private const ulong MakeCharacterDevice = 1 << 6;
    private const ulong MakeSocket = 1 << 9;
    private const ulong MakeBlockDevice = 1 << 11;
    private const ulong Truncate = 1 << 14;
    private const ulong DeviceCommands = 1 << 15;
    private const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate | DeviceCommands;

    /// <summary>The newest ABI that this kernel speaks; 0 where it has no Landlock, or it is switched off.</summary>
    public static int Abi => OperatingSystem.IsLinux() ? (int)Math.Max(0, Call(CreateRuleset, 0, 0, AskVersion, 0)) : 0;

    /// <summary>Rights that an ABI knows, one bit each; what is handled and in no rule is refused.</summary>
    public static ulong Handled(int abi) => (1UL << abi switch { 1 => 13, 2 => 14, 3 or 4 => 15, _ => 16 }) - 1;

    /// <summary>What a rule grants.</summary>
    /// <param name="isFolder">A file has fewer rights.</param>
    public static ulong Granted(LandlockAccess access, bool isFolder, int abi) => Handled(abi) & (isFolder ? ~0UL : OfFiles) & access switch
    {
        LandlockAccess.Read => Execute | ReadFile | ReadFolder,
        LandlockAccess.Names => ReadFolder,
        LandlockAccess.Write => WriteFile | ReadFile | Truncate,
        LandlockAccess.Device => WriteFile | ReadFile | DeviceCommands,
        _ => ~(MakeCharacterDevice | MakeBlockDevice | MakeSocket | DeviceCommands),
    };

    /// <summary>Binds the calling thread, and what it executes or starts, to the rules; for ever.</summary>
    /// <param name="abi">At most the kernel's own.</param>
    /// <exception cref="Win32Exception">The kernel refuses.</exception>
    public static unsafe void Restrict(IEnumerable<LandlockRule> rules, int abi)
    {
        // struct landlock_ruleset_attr: files, TCP (bind, connect), scopes (abstract sockets, signals).
        Span<byte> handled = stackalloc byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(handled, Handled(abi));
        BinaryPrimitives.WriteUInt64LittleEndian(handled[8..], 3);
        BinaryPrimitives.WriteUInt64LittleEndian(handled[16..], 3);
        var size = abi switch { < 4 => 8, < ScopesAbi => 16, _ => 24 };
        int ruleset;
        fixed (byte* attributes = handled) ruleset = (int)Demand(Call(CreateRuleset, (nint)attributes, size, 0, 0), "make a ruleset");
        foreach (var rule in rules) Add(ruleset, rule, abi);
        Demand(Control(NoNewPrivileges, 1, 0, 0, 0), "give up new privileges");
        Demand(Call(RestrictSelf, ruleset, 0, 0, 0), "restrict itself");
        _ = Close(ruleset);
    }

    private static unsafe void Add(int ruleset, LandlockRule rule, int abi)
    {
        var file = Open(rule.Path, ReferenceOnly | CloseOnExec);
        if (file < 0) return;
        // struct landlock_path_beneath_attr, packed: rights, descriptor.
        Span<byte> beneath = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(beneath, Granted(rule.Access, Directory.Exists(rule.Path), abi));
        BinaryPrimitives.WriteInt32LittleEndian(beneath[8..], file);
        fixed (byte* attributes = beneath) Demand(Call(AddRule, ruleset, PathBeneath, (nint)attributes, 0), $"allow {rule.Path}");
        _ = Close(file);
    }

    private static long Demand(long answer, string what) => answer >= 0 ? answer
        : throw new Win32Exception(Marshal.GetLastPInvokeError(),
            $"Landlock: cannot {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Call(long number, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}

/// <summary>What a rule allows on a file, or on a folder and everything below it.</summary>
internal enum LandlockAccess
{
    /// <summary>Read and execute.</summary>
    Read,

    /// <summary>See what is in a folder, and open nothing of it.</summary>
    Names,

    /// <summary>Everything but devices and sockets: a worker's own folder.</summary>
    Own,

    /// <summary>Read and write one file that is there.</summary>
    Write,

    /// <summary>The same of a device, and its own commands (ioctl).</summary>
    Device,
}

/// <param name="Path">What is not there is passed by.</param>
internal readonly record struct LandlockRule(LandlockAccess Access, string Path);
