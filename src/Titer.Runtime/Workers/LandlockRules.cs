namespace Titer.Runtime.Workers;

/// <summary>The files of one worker behind Landlock. What no rule names cannot be opened; that it is there can be seen.</summary>
internal static class LandlockRules
{
    private static readonly string[] Devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

    /// <summary>
    /// Of /proc a worker sees its own process and a few facts of the machine, not what others are called. The kernel makes these entries when they
    /// are asked for, and a rule holds for one of them as long as somebody has it open (<see cref="Enclosure"/>).
    /// </summary>
    public static IReadOnlyList<string> Pinned { get; } =
        ["/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/version", "/proc/sys/kernel", "/proc/sys/vm", "/proc/driver/nvidia"];

    /// <summary>A GPU's driver names the threads that it begins, and sees no device where it may not (found on an H200 with driver 580).</summary>
    public const string Threads = "/proc/self/task";

    /// <summary>Of the system: programs and libraries, how many processors there are, and how much memory.</summary>
    private static readonly string[] OfSystem =
    [
        "/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system/cpu", "/sys/fs/cgroup", .. Pinned,
    ];

    /// <param name="program">The worker's own program, runtime and libraries, links followed.</param>
    /// <param name="hidden">Folders in it that the worker must not see.</param>
    /// <param name="inputs">What this phase reads.</param>
    /// <param name="outputs">Files that it writes, in folders that it does not see.</param>
    /// <param name="scratch">The one folder in which it makes files.</param>
    public static IReadOnlyList<LandlockRule> Of(IEnumerable<string> program, IReadOnlyList<string> hidden, IEnumerable<string> inputs,
        IEnumerable<string> outputs, string scratch, bool withGpu) =>
    [
        .. OfSystem.Concat(inputs).Select(path => new LandlockRule(LandlockAccess.Read, path)),
        .. program.SelectMany(path => Without(path, hidden)),
        .. outputs.Select(path => new LandlockRule(LandlockAccess.Write, path)),
        .. Devices.Concat(withGpu ? SandboxCommand.GpuDevices : []).Select(path => new LandlockRule(LandlockAccess.Device, path)),
        .. withGpu ? [new LandlockRule(LandlockAccess.Write, Threads)] : Array.Empty<LandlockRule>(),
        new(LandlockAccess.Own, scratch),
    ];

    /// <summary>A rule is for all of a folder: where something in it is hidden, names alone are seen,
    /// and each of its other entries has one.</summary>
    private static IEnumerable<LandlockRule> Without(string path, IReadOnlyList<string> hidden) =>
        hidden.Contains(path) ? []
        : hidden.Any(h => h.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal))
            ? Directory.EnumerateFileSystemEntries(path).SelectMany(entry => Without(entry, hidden)).Prepend(new(LandlockAccess.Names, path))
        : [new(LandlockAccess.Read, path)];
}
