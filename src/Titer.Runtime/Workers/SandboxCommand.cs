namespace Titer.Runtime.Workers;

/// <summary>Bubblewrap's arguments for one worker. What is not named here does not exist for the plugin.</summary>
internal static class SandboxCommand
{
    private static readonly string[] MergedFolders = ["/bin", "/lib", "/lib64"];
    public static readonly IReadOnlyList<string> GpuDevices = ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia0",
        "/dev/nvidia1",
        "/dev/nvidia2", "/dev/nvidia3", "/dev/nvidia4", "/dev/nvidia5", "/dev/nvidia6", "/dev/nvidia7"];

    /// <summary>Where whoever starts bubblewrap has opened the filter of <see cref="SeccompFilter"/>.</summary>
    public const string FilterDescriptor = "9";

    /// <summary>Namespaces, and an empty root with the system's programs: the same for every worker.</summary>
    public static readonly IReadOnlyList<string> Walls =
    [
        "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
        "--ro-bind", "/usr", "/usr", .. SystemFolders(),
        "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
        "--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu", "--ro-bind-try", "/sys/fs/cgroup", "/sys/fs/cgroup",
        "--proc", "/proc", "--dev", "/dev", .. Shared("/dev/shm", 64), .. Shared("/tmp", 256),
    ];

    /// <param name="program">Read-only: the worker's own program, runtime and libraries, links followed.</param>
    /// <param name="hidden">Folders of the program that the worker must not see.</param>
    /// <param name="inputs">Read-only: what this phase reads.</param>
    /// <param name="outputs">Writable files, whose folders it does not see.</param>
    /// <param name="scratch">The one writable folder.</param>
    public static IEnumerable<string> Arguments(IEnumerable<string> program, IEnumerable<string> hidden, IEnumerable<string> inputs,
        IEnumerable<string> outputs, string scratch, bool withGpu)
    {
        foreach (var argument in Walls) yield return argument;
        foreach (var argument in program.SelectMany(ReadOnly)) yield return argument;
        foreach (var argument in hidden.Where(Directory.Exists)
            .SelectMany(folder => (string[])[.. Shared(folder, 1), "--remount-ro", folder])) yield return argument;
        foreach (var argument in inputs.SelectMany(ReadOnly)) yield return argument;
        foreach (var argument in outputs.SelectMany(file => new[] { "--bind", file, file })) yield return argument;
        foreach (var argument in withGpu ? GpuDevices.SelectMany(device => new[] { "--dev-bind-try", device, device }) : []) yield return argument;
        // The root and the devices are folders in memory: what is mounted in them is mounted by now.
        foreach (var argument in new[] { "--bind", scratch, scratch, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir",
            scratch }) yield return argument;
        foreach (var argument in new[] { "--seccomp", FilterDescriptor, "--" }) yield return argument;
    }

    /// <summary>A folder in memory of that size; the system's own default is half of the machine.</summary>
    private static string[] Shared(string folder, long megabytes) =>
        ["--size", (megabytes << 20).ToString(System.Globalization.CultureInfo.InvariantCulture), "--tmpfs", folder];

    /// <summary>Links into /usr where the system has merged them, folders of their own elsewhere.</summary>
    private static IEnumerable<string> SystemFolders() => MergedFolders.Where(Directory.Exists)
        .SelectMany(folder => new DirectoryInfo(folder).LinkTarget is { } target ? ["--symlink", target, folder] : ReadOnly(folder));

    private static string[] ReadOnly(string path) => ["--ro-bind", path, path];
}
