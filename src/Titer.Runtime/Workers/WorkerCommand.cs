using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Titer.Files;
using Titer.Models.Native;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>How one worker is started: program, walls, limits, and an environment in which nothing is by accident.</summary>
internal sealed record WorkerCommand
{
    /// <summary>Variable that every process of one worker's tree inherits.</summary>
    private const string MarkerVariable = "TITER_WORKER";

    /// <summary>Variables that a worker inherits; everything else is set below or absent.</summary>
    private static readonly string[] Inherited =
        ["PATH", "HOME", "USER", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", LibtorchFolder.Variable, NativeTorch.IncompleteVariable,
            "CUDA_VISIBLE_DEVICES", "DOTNET_ROOT", "NUGET_PACKAGES"];

    private static readonly string[] SystemPrograms = ["/usr", "/bin", "/sbin"];

    internal const int MostOpenFiles = 4096;

    /// <summary>The runtime maps a file of two gigabytes for itself; beyond that a model's weights are what is large.</summary>
    private const long LeastMostFileBytes = 4L << 30;

    private readonly string _identity = Guid.NewGuid().ToString("N");

    public required string WorkerDll { get; init; }

    public required string ScratchFolder { get; init; }

    public required WorkerProtection Protection { get; init; }

    /// <summary>Files and folders that the worker reads, beside its own program.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Files of the host's own, beside its scratch folder, that the worker writes to.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>Resident memory that the worker may use; null means no limit.</summary>
    public double? MemoryMegabytes { get; init; }

    public bool UsesGpu { get; init; }

    /// <summary>Bytes that a file may come to have.</summary>
    public long MostFileBytes { get => Math.Max(LeastMostFileBytes, field); init; }

    /// <summary>Finds the processes that the worker leaves behind.</summary>
    public string Marker => $"{MarkerVariable}={_identity}";

    public ProcessStartInfo Start(params string[] arguments)
    {
        string[] program = [DotNetHost(), "exec", WorkerDll];
        string[] command = [.. Shield(), .. Limits(), .. Walls(program, arguments is [var pipe] ? pipe : null), .. program, .. arguments];
        var start = new ProcessStartInfo(command[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = ScratchFolder,
        };
        foreach (var argument in command.Skip(1)) start.ArgumentList.Add(argument);
        SetEnvironment(start.Environment);
        return start;
    }

    /// <summary>
    /// A terminal, systemd, Slurm and ssh signal every process of a run: only the host decides when a phase ends. An ignored signal stays ignored
    /// across exec, so it passes by prlimit and bubblewrap too.
    /// </summary>
    /// <remarks>The limits are the shell's own (512-byte blocks), so every system has them; the filter is opened for bubblewrap to read.</remarks>
    private string[] Shield()
    {
        if (OperatingSystem.IsWindows()) return [];
        var files = Math.Min(MostOpenFiles, OpenFileLimit.Current() ?? MostOpenFiles);
        var script = string.Create(CultureInfo.InvariantCulture,
            $"trap '' HUP INT QUIT TERM; ulimit -c 0; ulimit -n {files}; ulimit -f {MostFileBytes / 512}; ");
        return Protection.Bubblewrap is not null
            ? ["/bin/sh", "-c", script + $"exec {SandboxCommand.FilterDescriptor}<\"$1\" || exit 1; shift; exec \"$@\"", "sh",
                SeccompFile.PathOf(UsesGpu)]
            : ["/bin/sh", "-c", script + "exec \"$@\"", "sh"];
    }

    /// <summary>A hard cap above the watched limit, so that a plugin that allocates faster than the watch looks fails cleanly. Not with a GPU, whose
    /// driver maps far more than it uses.</summary>
    private string[] Limits() => MemoryMegabytes is { } megabytes && Protection.Prlimit is { } prlimit && !UsesGpu
        ? [prlimit, string.Create(CultureInfo.InvariantCulture, $"--data={(long)((megabytes + MachineMemory.HeadroomMegabytes) * 1024 * 1024)}"),
            "--core=0", "--"]
        : [];

    private IEnumerable<string> Walls(string[] worker, string? pipe)
    {
        if (!Protection.IsSandboxed) return [];
        var workerFolder = Path.GetDirectoryName(WorkerDll)!;
        // The scenarios that lie beside the program hold every phase's data.
        var scenarios = Path.Combine(workerFolder, "scenarios");
        string[] libraries = [Path.GetDirectoryName(worker[0])!, .. NativeTorch.Prepare(workerFolder)];
        string[] program =
        [
            .. SandboxMounts.Closure([workerFolder], recursive: true, except: scenarios),
            .. SandboxMounts.Closure(libraries.Where(Path.IsPathRooted).Where(p => !p.StartsWith("/usr/", StringComparison.Ordinal))),
        ];
        var inputs = SandboxMounts.Closure(Inputs, recursive: true);
        return Protection.Bubblewrap is { } bubblewrap
            ? [bubblewrap, .. SandboxCommand.Arguments(program, [scenarios], inputs, Outputs, ScratchFolder, UsesGpu)]
            : [.. worker, .. Enclosure.Arguments(LandlockRules.Of(program, [scenarios], inputs, Outputs, ScratchFolder, UsesGpu),
                Protection.LandlockAbi!.Value, UsesGpu, pipe)];
    }

    private void SetEnvironment(IDictionary<string, string?> environment)
    {
        var inherited = Inherited.Select(name => (name, Value: Environment.GetEnvironmentVariable(name))).Where(v => v.Value is not null).ToArray();
        environment.Clear();
        foreach (var (name, value) in inherited) environment[name] = value;
        // What is there and may not be opened would be found before what may.
        if (Protection.LandlockAbi is not null && environment.TryGetValue("PATH", out var path))
            environment["PATH"] = string.Join(':', (path ?? "").Split(':').Where(IsOpen));
        // Found here, where the variables that lead to it are; a worker gets the folder.
        if (LibtorchFolder.Chosen() is { } libtorch) environment[LibtorchFolder.Variable] = libtorch.Path;
        environment[MarkerVariable] = _identity;
        // Where the host put the repaired library: the worker may have no home to find it by.
        environment["XDG_CACHE_HOME"] = NativeTorch.CacheFolder();
        // One torch thread per lane: two OpenMP threads on two busy cores were 6-9 times slower.
        environment["OMP_NUM_THREADS"] = "1";
        // Plugins get threads of their own; an allocator reserve for each of them would look like a leak.
        environment["MALLOC_ARENA_MAX"] = "2";
        environment["TMPDIR"] = ScratchFolder;
        environment["DOTNET_gcServer"] = "0";
        // It maps generated code twice through memory without a name, which the sandbox forbids.
        environment["DOTNET_EnableWriteXorExecute"] = "0";
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_NOLOGO"] = "1";
        if (MemoryMegabytes is { } megabytes)
            environment["DOTNET_GCHeapHardLimit"] = ((long)(megabytes * 1024 * 1024)).ToString("X", CultureInfo.InvariantCulture);
    }

    private bool IsOpen(string folder) => SystemPrograms.Concat(Inputs)
        .Any(open => folder == open || folder.StartsWith(open.TrimEnd('/') + "/", StringComparison.Ordinal));

    /// <summary>The <c>dotnet</c> program that runs this process' own runtime.</summary>
    private static string DotNetHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }
}
