namespace Titer.Runtime.Workers;

/// <summary>Starts the workers of one executor, all in the same way.</summary>
internal sealed class WorkerStarter(string workerDll, WorkerProtection protection)
{
    private int _started;

    /// <summary>Processes so far.</summary>
    public int Started => _started;

    /// <summary>Whether a worker sees nothing but what it was started with.</summary>
    public bool IsSandboxed => protection.IsSandboxed;

    /// <summary>One retry: a machine that cannot start a process is no fault of a plugin.</summary>
    /// <param name="inputs">What it reads beside its own program; null entries are passed by.</param>
    /// <param name="outputs">Files beside its scratch folder that it writes to.</param>
    /// <exception cref="WorkerStartException">Twice.</exception>
    public async Task<WorkerProcess> StartAsync(
        PlayerShape shape, string scratchFolder, IEnumerable<string?> inputs, IReadOnlyList<string> outputs, CancellationToken abort)
    {
        var command = new WorkerCommand
        {
            WorkerDll = workerDll,
            ScratchFolder = scratchFolder,
            Protection = protection,
            Inputs = [.. inputs.OfType<string>().Select(Path.GetFullPath)],
            MemoryMegabytes = shape.MemoryMegabytes,
            UsesGpu = shape.UsesGpu,
            MostFileBytes = WorkerQuota.ScratchBytes(shape.SubjectFolder),
            Outputs = outputs,
        };
        Interlocked.Increment(ref _started);
        try
        {
            return await WorkerProcess.StartAsync(command, abort);
        }
        catch (WorkerStartException)
        {
            return await WorkerProcess.StartAsync(command, abort);
        }
    }
}
