using System.ComponentModel;
using System.Diagnostics;
using Titer.Files.Codes;

namespace Titer.Runtime.Workers;

/// <summary>Whether workers are put behind the operating system's walls.</summary>
internal enum SandboxMode
{
    /// <summary>Bubblewrap where it works, else Landlock, which the run then says is weaker; where neither works the run says so once.</summary>
    Auto,

    /// <summary>Bubblewrap: refuse to run without.</summary>
    On,

    /// <summary>Landlock, also where bubblewrap works: refuse to run without.</summary>
    Landlock,
    Off,
}

/// <summary>A wall was demanded that this system does not have.</summary>
internal sealed class WorkerProtectionException(string message) : Exception(message), ICoded
{
    public string Code { get; } = MessageCode.Of(message);
}

/// <summary>
/// What this system offers to keep plugins of strangers in: bubblewrap (no network, read-only files, only the phase's own scratch folder
/// writable, own process namespace), where it is missing Landlock (the same files, and no namespaces), and prlimit (a hard cap on memory). Detected
/// once per run.
/// </summary>
/// <param name="Bubblewrap">Path of a <c>bwrap</c> that works; null where workers are not put behind it.</param>
/// <param name="Prlimit">Path of <c>prlimit</c>; null where there is none.</param>
/// <param name="SandboxText">One sentence on the sandbox, for people.</param>
internal sealed record WorkerProtection(string? Bubblewrap, string? Prlimit, string SandboxText)
{
    private static readonly TimeSpan TrialDeadline = TimeSpan.FromSeconds(10);

    /// <summary>Process and pipe only: for tests and debugging.</summary>
    public static WorkerProtection None { get; } = new(null, null, "Sandbox: off; workers can use the network and write where you can.");

    /// <summary>Which of Landlock's workers are put behind; null where they are not.</summary>
    public int? LandlockAbi { get; init; }

    public bool IsSandboxed => Bubblewrap is not null || LandlockAbi is not null;

    /// <summary>For what is stored of a phase.</summary>
    public string Walls => Bubblewrap is not null ? "bubblewrap" : LandlockAbi is { } abi ? $"landlock {abi}" : "none";

    /// <exception cref="WorkerProtectionException">A sandbox is demanded, and there is none.</exception>
    public static WorkerProtection Detect(SandboxMode mode)
    {
        var prlimit = Find("prlimit");
        if (mode == SandboxMode.Off) return None with { Prlimit = prlimit };
        var (bubblewrap, why) = mode == SandboxMode.Landlock ? (null, "") : TryBubblewrap();
        if (bubblewrap is not null)
            return new WorkerProtection(bubblewrap, prlimit,
                "Sandbox: bubblewrap; workers have no network, a read-only file system, and one scratch folder to write to.");
        if (mode == SandboxMode.On) throw new WorkerProtectionException(
            $"TITER613 --sandbox on: {why} Install bubblewrap (apt-get install bubblewrap) and allow user namespaces, or use --sandbox off for "
                + "plugins that you trust.");
        var abi = Landlock.Abi;
        if (abi >= Landlock.LeastAbi && SeccompFilter.IsKnown) return BehindLandlock(abi, prlimit, why);
        var missing = abi == 0 ? "this kernel has no Landlock, or it is switched off."
            : $"this kernel's Landlock is too old (ABI {abi}, {Landlock.LeastAbi} is needed: Linux 6.2).";
        if (mode == SandboxMode.Landlock) throw new WorkerProtectionException(
            $"TITER613 --sandbox landlock: {missing} Use a newer kernel, or bubblewrap (--sandbox on), which is stronger.");
        return new WorkerProtection(null, prlimit,
            $"Sandbox: none ({why.TrimEnd('.')}, and {missing}) Plugins can use the network and write where you can: play only those that you "
                + "trust.");
    }

    /// <param name="abi">At most the kernel's own.</param>
    /// <param name="why">A sentence on why it is not bubblewrap; empty where nobody asked for that.</param>
    public static WorkerProtection BehindLandlock(int abi, string? prlimit = null, string why = "") => new(null, prlimit,
        $"Sandbox: Landlock (ABI {abi}) and a filter of system calls, weaker than bubblewrap{(why.Length > 0 ? $" ({why.TrimEnd('.')})" : "")}: "
            + "workers have no network, open no files but their own, and write to one scratch folder; they share the system's view of processes, "
            + "and see which files there are.") { LandlockAbi = abi };

    private static (string? Path, string Why) TryBubblewrap()
    {
        if (Find("bwrap") is not { } path) return (null, "bubblewrap is not installed.");
        if (!SeccompFilter.IsKnown) return (null, "there is no system-call filter for this processor.");
        // Installed is not enough: containers and hardened kernels refuse namespaces.
        var start = new ProcessStartInfo(path) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true,
            RedirectStandardInput = true };
        foreach (var argument in (string[])[.. SandboxCommand.Walls, "/bin/true"]) start.ArgumentList.Add(argument);
        Process? started;
        try
        {
            started = Process.Start(start);
        }
        catch (Win32Exception e)
        {
            // Not executable, for another processor, or gone since it was found.
            return (null, $"{path} cannot be started: {e.Message.TrimEnd('.')}.");
        }

        using var process = started!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TrialDeadline))
        {
            process.Kill(entireProcessTree: true);
            return (null, "bubblewrap does not answer.");
        }

        return process.ExitCode == 0 ? (path, "") : (null, $"bubblewrap does not work here: {errors.Result.Trim().Split('\n')[0]}.");
    }

    /// <summary>As a shell looks: what may not be executed is passed by.</summary>
    private static bool IsProgram(string path) => File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    private static string? Find(string program) => OperatingSystem.IsLinux()
        ? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(IsProgram)
        : null;
}
