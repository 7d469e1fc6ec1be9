using System.Runtime.InteropServices;

namespace Titer.Runtime.Workers;

/// <summary>
/// The system calls that a sandboxed worker cannot make, as the classic BPF program that Linux runs before each of them
/// (Documentation/userspace-api/seccomp_filter.rst; structures of linux/seccomp.h and linux/filter.h). Namespaces hide the rest of the machine; this
/// closes the doors in the kernel that they leave open: debugging others, new namespaces and mounts, keys, BPF, io_uring, perf, memory that no limit
/// sees, sockets of other families, and new sessions (the scheduler shares the processor by session). A call that is refused looks like one that
/// this kernel does not have, so libraries fall back.
/// </summary>
internal static class SeccompFilter
{
    /// <summary>ENOSYS.</summary>
    public const int NoSuchCall = 38;

    /// <summary>EAFNOSUPPORT.</summary>
    public const int NoSuchFamily = 97;

    /// <summary>EPERM.</summary>
    public const int NotPermitted = 1;

    /// <summary>The other numbering of x86-64 (x32).</summary>
    private const uint OtherNumbering = 0x40000000;

    /// <summary>CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.</summary>
    private const uint NewNamespaces = 0x7E020000;

    private const uint UnixFamily = 1;

    /// <summary>TIOCSTI and TIOCLINUX: typing into a terminal.</summary>
    private static readonly uint[] TerminalInput = [0x5412, 0x541C];

    /// <summary>By name: number on x86-64, on arm64. What an architecture does not have is -1.</summary>
    public static IReadOnlyList<(string Name, int X64, int Arm64)> Refused { get; } =
    [
        ("ptrace", 101, 117), ("process_vm_readv", 310, 270), ("process_vm_writev", 311, 271), ("kcmp", 312, 272), ("pidfd_getfd", 438, 438),
            ("process_madvise", 440, 440),
        ("unshare", 272, 97), ("setns", 308, 268), ("clone3", 435, 435),
        ("mount", 165, 40), ("umount2", 166, 39), ("pivot_root", 155, 41), ("chroot", 161, 51), ("open_tree", 428, 428), ("move_mount", 429, 429),
            ("fsopen", 430, 430),
        ("fsconfig", 431, 431), ("fsmount", 432, 432), ("fspick", 433, 433), ("mount_setattr", 442, 442), ("name_to_handle_at", 303, 264),
            ("open_by_handle_at", 304, 265),
        ("add_key", 248, 217), ("request_key", 249, 218), ("keyctl", 250, 219),
        ("bpf", 321, 280), ("perf_event_open", 298, 241), ("userfaultfd", 323, 282), ("fanotify_init", 300, 262), ("io_uring_setup", 425, 425),
            ("io_uring_enter", 426, 426), ("io_uring_register", 427, 427),
        ("kexec_load", 246, 104), ("kexec_file_load", 320, 294), ("init_module", 175, 105), ("finit_module", 313, 273), ("delete_module", 176, 106),
            ("reboot", 169, 142),
        ("swapon", 167, 224), ("swapoff", 168, 225), ("acct", 163, 89), ("quotactl", 179, 60), ("quotactl_fd", 443, 443), ("syslog", 103, 116),
            ("iopl", 172, -1), ("ioperm", 173, -1),
        ("sethostname", 170, 161), ("settimeofday", 164, 170), ("clock_settime", 227, 112), ("lookup_dcookie", 212, 18), ("modify_ldt", 154, -1),
        ("shmget", 29, 194), ("msgget", 68, 186), ("semget", 64, 190), ("mq_open", 240, 180), ("memfd_secret", 447, 447), ("setsid", 112, 157),
    ];

    /// <summary>Memory without a name, which no limit here sees. A GPU's driver shares it with the device.</summary>
    public static (string Name, int X64, int Arm64) UnnamedMemory => ("memfd_create", 319, 279);

    /// <summary>Whether there is a filter for this processor.</summary>
    public static bool IsKnown => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>The call's number on this processor; null where it has none.</summary>
    public static int? NumberOf((string Name, int X64, int Arm64) call) =>
        (IsX64 ? call.X64 : call.Arm64) is >= 0 and var number ? number : null;

    /// <summary>struct sock_filter[]: what <c>bwrap --seccomp</c> reads.</summary>
    public static byte[] Program(bool withGpu)
    {
        var code = Begin(withGpu);
        // The pipe to the host. A virtual machine's host listens on another family, which no namespace hides.
        code.AllowWith(IsX64 ? 41 : 198, 0, NoSuchFamily, ~0u, UnixFamily);
        End(code, []);
        return code.Bytes();
    }

    /// <summary>What is refused behind every wall, whatever its arguments.</summary>
    internal static SeccompCode Begin(bool withGpu)
    {
        // AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64.
        var code = new SeccompCode(IsX64 ? 0xC000003E : 0xC00000B7, NoSuchCall);
        if (IsX64) code.RefuseFrom(OtherNumbering, NoSuchCall);
        foreach (var number in Refused.Append(UnnamedMemory).Where(c => !withGpu || c != UnnamedMemory).Select(NumberOf).OfType<int>())
            code.Refuse(number, NoSuchCall);
        return code;
    }

    /// <summary>What is refused behind every wall by its arguments.</summary>
    /// <param name="commands">Of ioctl, beside typing into a terminal.</param>
    internal static void End(SeccompCode code, uint[] commands)
    {
        // clone: threads and children, in the namespaces that there are.
        code.RefuseWithBits(IsX64 ? 56 : 220, 0, NotPermitted, NewNamespaces);
        code.RefuseWith(IsX64 ? 16 : 29, 1, NotPermitted, [.. TerminalInput, .. commands]);
    }
}
