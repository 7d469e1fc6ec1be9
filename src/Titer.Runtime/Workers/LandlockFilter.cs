namespace Titer.Runtime.Workers;

/// <summary>
/// What the filter of system calls refuses beside <see cref="SeccompFilter.Refused"/> where there are no namespaces: everything by which a process
/// reaches others of its user, or files that Landlock does not look at. It closes sockets altogether (the pipe to the host is open by then), so a
/// service of this machine cannot be asked for what the worker may not do.
/// </summary>
internal static class LandlockFilter
{
    /// <summary>PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER: how a worker's processes end with it and stay below it.</summary>
    private static readonly uint[] Ties = [1, 36];

    /// <summary>F_SETOWN, F_SETOWN_EX; FIOSETOWN, SIOCSPGRP: whom the kernel signals when a file is ready.</summary>
    private static readonly uint[] Owners = [8, 15];

    private static readonly uint[] SocketOwners = [0x8901, 0x8902];
    private const uint UnixFamily = 1;
    private const uint SocketKinds = 0xF;
    private const uint StreamSocket = 1;
    private const uint SequencedSocket = 5;

    /// <summary>Answered as if this kernel did not have them. By name: number on x86-64, on arm64.</summary>
    public static IReadOnlyList<(string Name, int X64, int Arm64)> Refused { get; } =
    [
        ("shmat", 30, 196), ("shmctl", 31, 195), ("semop", 65, 193), ("semctl", 66, 191), ("semtimedop", 220, 192), ("msgsnd", 69, 189),
            ("msgrcv", 70, 188), ("msgctl", 71, 187), ("mq_unlink", 241, 181),
        ("connect", 42, 203), ("bind", 49, 200), ("inotify_init", 253, -1), ("inotify_init1", 294, 26),
        ("setxattr", 188, 5), ("lsetxattr", 189, 6), ("fsetxattr", 190, 7), ("removexattr", 197, 14), ("lremovexattr", 198, 15),
            ("fremovexattr", 199, 16), ("setxattrat", 463, 463), ("removexattrat", 466, 466), ("file_setattr", 469, 469),
        ("open_tree_attr", 467, 467), ("setpriority", 141, 140), ("ioprio_set", 251, 30),
    ];

    /// <summary>
    /// Modes, owners and times of files, which Landlock does not look at: answered as done, and not done. Programs set them on their own files, too,
    /// where nothing depends on it.
    /// </summary>
    public static IReadOnlyList<(string Name, int X64, int Arm64)> Ignored { get; } =
    [
        ("chmod", 90, -1), ("fchmod", 91, 52), ("fchmodat", 268, 53), ("fchmodat2", 452, 452), ("chown", 92, -1), ("fchown", 93, 55),
        ("lchown", 94, -1), ("fchownat", 260, 54), ("utime", 132, -1), ("utimes", 235, -1), ("futimesat", 261, -1), ("utimensat", 280, 88),
    ];

    /// <summary>Refused where Landlock has no scopes: signals, also to a worker's own children.</summary>
    public static IReadOnlyList<(string Name, int X64, int Arm64)> Signals { get; } =
        [("kill", 62, 129), ("tkill", 200, 130), ("rt_sigqueueinfo", 129, 138), ("rt_tgsigqueueinfo", 297, 240), ("pidfd_send_signal", 424, 424)];

    /// <param name="abi">Of Landlock.</param>
    /// <param name="processId">Of the worker, which signals its own threads.</param>
    public static byte[] Program(bool withGpu, int abi, int processId)
    {
        var code = SeccompFilter.Begin(withGpu);
        foreach (var number in Numbers(Refused)) code.Refuse(number, SeccompFilter.NoSuchCall);
        foreach (var number in Numbers(Ignored)) code.Refuse(number, errno: 0);
        if (abi < Landlock.ScopesAbi)
        {
            foreach (var number in Numbers(Signals)) code.Refuse(number, SeccompFilter.NoSuchCall);
            code.AllowWith(Number(234, 131), 0, SeccompFilter.NotPermitted, ~0u, (uint)processId);
        }

        // The runtime takes the pipe for none where the system has no such family.
        code.Refuse(Number(41, 198), 0, SeccompFilter.NotPermitted, SeccompFilter.NoSuchFamily, UnixFamily);
        // Both ends are its own; of datagrams each could go elsewhere.
        code.AllowWith(Number(53, 199), 1, SeccompFilter.NotPermitted, SocketKinds, StreamSocket, SequencedSocket);
        code.RefuseWith(Number(157, 167), 0, errno: 0, Ties);
        code.RefuseWith(Number(72, 25), 1, SeccompFilter.NotPermitted, Owners);
        SeccompFilter.End(code, SocketOwners);
        // prlimit64, sched_setaffinity, sched_setscheduler, sched_setparam, sched_setattr: whoever calls, and nobody else.
        foreach (var number in (int[])[Number(302, 261), Number(203, 122), Number(144, 119), Number(142, 118), Number(314, 274)])
            code.AllowWith(number, 0, SeccompFilter.NotPermitted, ~0u, 0);
        return code.Bytes();
    }

    private static IEnumerable<int> Numbers(IEnumerable<(string Name, int X64, int Arm64)> calls) =>
        calls.Select(SeccompFilter.NumberOf).OfType<int>();

    private static int Number(int x64, int arm64) => SeccompFilter.NumberOf(("", x64, arm64))!.Value;
}
