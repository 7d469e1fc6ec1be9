using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Titer.Runtime.Workers;

/// <summary>One child process with its pipe and an explicit environment. Disposing it kills what is left of its process tree.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(60);

    /// <summary>Variables that a worker inherits; everything else is set below or absent.</summary>
    private static readonly string[] Inherited =
        ["PATH", "HOME", "USER", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "TITER_LIBTORCH", "CUDA_VISIBLE_DEVICES", "DOTNET_ROOT", "NUGET_PACKAGES"];

    private readonly Process _process;

    private WorkerProcess(Process process, WirePipe pipe, OutputTail output) => (_process, Pipe, Output) = (process, pipe, output);

    public WirePipe Pipe { get; }

    public OutputTail Output { get; }

    /// <summary>Largest resident set so far, in MB; 0 when the system does not tell.</summary>
    public double PeakMemoryMegabytes
    {
        get
        {
            try
            {
                var line = File.ReadLines($"/proc/{_process.Id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
                return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024;
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }

    /// <summary>Starts a worker and waits until it has connected.</summary>
    /// <exception cref="WorkerStartException">It could not be started, or did not connect in time.</exception>
    public static async Task<WorkerProcess> StartAsync(string workerDll, string scratchFolder, CancellationToken abort)
    {
        var pipePath = Path.Combine(scratchFolder, "p");
        var server = new NamedPipeServerStream(
            pipePath, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        var output = new OutputTail();
        Process? process = null;
        try
        {
            process = Launch(workerDll, pipePath, scratchFolder, output);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(abort);
            deadline.CancelAfter(ConnectDeadline);
            var connected = server.WaitForConnectionAsync(deadline.Token);
            var exited = process.WaitForExitAsync(deadline.Token);
            if (await Task.WhenAny(connected, exited) == exited && !connected.IsCompletedSuccessfully)
            {
                abort.ThrowIfCancellationRequested();
                throw new WorkerStartException($"TITER206 A worker did not start (exit code {(process.HasExited ? process.ExitCode : -1)}): {output.Summary()}. Run 'titer doctor'.");
            }

            await connected;
            return new WorkerProcess(process, new WirePipe(server), output);
        }
        catch
        {
            if (process is not null) Kill(process);
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives the process a moment to exit by itself; then it is killed.</summary>
    public async Task<int> ExitCodeAsync(TimeSpan grace)
    {
        using var deadline = new CancellationTokenSource(grace);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Kill(_process);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Kill(_process);
        await _process.WaitForExitAsync();
        await Pipe.DisposeAsync();
        _process.Dispose();
    }

    private static Process Launch(string workerDll, string pipePath, string scratchFolder, OutputTail output)
    {
        var process = new Process { StartInfo = StartInfo(workerDll, pipePath, scratchFolder) };
        process.OutputDataReceived += (_, e) => output.Append(e.Data);
        process.ErrorDataReceived += (_, e) => output.Append(e.Data);
        if (!process.Start()) throw new WorkerStartException("TITER206 A worker process could not be started. Run 'titer doctor'.");
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>How a worker is started: the host's own runtime, and an environment in which nothing is by accident.</summary>
    internal static ProcessStartInfo StartInfo(string workerDll, string argument, string scratchFolder)
    {
        var start = new ProcessStartInfo(DotNetHost())
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = scratchFolder,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(workerDll);
        start.ArgumentList.Add(argument);

        var inherited = Inherited.Select(name => (name, Value: Environment.GetEnvironmentVariable(name))).Where(v => v.Value is not null).ToArray();
        start.Environment.Clear();
        foreach (var (name, value) in inherited) start.Environment[name] = value;
        // One torch thread per lane: two OpenMP threads on two busy cores were 6-9 times slower.
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["TMPDIR"] = scratchFolder;
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_NOLOGO"] = "1";
        return start;
    }

    /// <summary>The <c>dotnet</c> program that runs this process' own runtime.</summary>
    private static string DotNetHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It exited between the question and the kill.
        }
    }
}

/// <summary>The machine, not a plugin, is at fault: no worker came up.</summary>
public sealed class WorkerStartException(string message) : Exception(message);
