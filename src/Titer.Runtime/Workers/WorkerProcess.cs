using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using Titer.Files;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>One child process with its pipe. Disposing it kills what is left of its process tree, and what left the tree.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly WorkerCommand _command;

    private WorkerProcess(Process process, WorkerCommand command, WirePipe pipe, OutputTail output) =>
        (_process, _command, Pipe, Output) = (process, command, pipe, output);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public WirePipe Pipe { get; }

    public OutputTail Output { get; }

    /// <summary>Starts a worker and waits until it has connected.</summary>
    /// <exception cref="WorkerStartException">It could not be started, or did not connect in time.</exception>
    public static async Task<WorkerProcess> StartAsync(WorkerCommand command, CancellationToken abort)
    {
        if (OpenFileLimit.Current() is { } limit && limit < OpenFileLimit.Needed)
            throw new WorkerStartException(
                $"A worker needs {OpenFileLimit.Needed} open files, and this system allows a process {limit}. Raise the limit (ulimit -n 4096), "
                    + "then run again.");
        var pipePath = Path.Combine(command.ScratchFolder, "p");
        // A first try may have left its socket.
        File.Delete(pipePath);
        var server = new NamedPipeServerStream(pipePath, PipeDirection.InOut, 1, PipeTransmissionMode.Byte,
            PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        var output = new OutputTail();
        Process? process = null;
        try
        {
            process = await LaunchAsync(command.Start(pipePath), output);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(abort);
            deadline.CancelAfter(ConnectDeadline);
            var connected = server.WaitForConnectionAsync(deadline.Token);
            var exited = process.WaitForExitAsync(deadline.Token);
            if (await Task.WhenAny(connected, exited) == exited && !connected.IsCompletedSuccessfully)
            {
                abort.ThrowIfCancellationRequested();
                if (process.HasExited) await output.HearOutAsync();
                throw new WorkerStartException(
                    "A worker did not start "
                        + $"({(process.HasExited ? $"exit code {process.ExitCode}" : $"no answer within {ConnectDeadline.TotalSeconds:0} s")}): {
                            output.Summary()} Run 'titer doctor'.");
            }

            await connected;
            return new WorkerProcess(process, command, new WirePipe(server), output);
        }
        catch
        {
            if (process is not null) Kill(process, command);
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives the process a moment to exit by itself; then it is killed. What it said is in <see cref="Output"/> afterwards.</summary>
    public async Task<int> ExitCodeAsync(TimeSpan grace)
    {
        using var deadline = new CancellationTokenSource(grace);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Kill(_process, _command);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await Output.HearOutAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Kill(_process, _command);
        await _process.WaitForExitAsync();
        await Pipe.DisposeAsync();
        _process.Dispose();
    }

    private static async Task<Process> LaunchAsync(ProcessStartInfo start, OutputTail output)
    {
        try
        {
            var process = await WorkerLauncher.StartAsync(start);
            process.StandardInput.Close();
            output.Listen(process);
            return process;
        }
        catch (Win32Exception e)
        {
            throw new WorkerStartException($"A worker process could not be started: {e.Message}. Run 'titer doctor'.");
        }
    }

    private static void Kill(Process process, WorkerCommand command)
    {
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or AggregateException)
        {
            // It exited between the question and the kill, or a child did.
        }

        // The namespace of bubblewrap dies with its first process. Nobody leaves a session behind Landlock.
        if (command.Protection.LandlockAbi is not null) ProcessTree.KillSession(process.Id);
        else if (!command.Protection.IsSandboxed) ProcessTree.KillMarked(command.Marker);
    }
}
