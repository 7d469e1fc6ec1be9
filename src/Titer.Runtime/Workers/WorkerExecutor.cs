using System.Text.Json;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// Plays every phase in a process of its own and supervises it: whatever the plugin does there, the answer is a
/// <see cref="PhaseResult"/>. A worker without a result counts as a crash, whatever its exit code.
/// </summary>
public sealed class WorkerExecutor(string workerDll, WorkerProtection protection) : IPhaseExecutor
{
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(5);

    public async Task<PhaseResult> ExecuteAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (result, peakMegabytes) = await PlayAsync(order, events, abort);
        return result with { WallSeconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds, PeakMemoryMegabytes = peakMegabytes };
    }

    private async Task<(PhaseResult Result, double PeakMegabytes)> PlayAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort)
    {
        await using var worker = await StartAsync(order, abort);
        await using var memory = new MemoryWatch(worker.Id, order.Limits.MemoryMegabytes);
        using var clock = new PhaseClock(order.Limits);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(abort, clock.Expired, memory.Exceeded);
        var verdict = new PhaseVerdict(order);
        try
        {
            worker.Pipe.Write(new StartMessage(order));
            while (await worker.Pipe.ReadAsync(stop.Token) is { } message)
            {
                switch (message)
                {
                    case ProgressMessage { Progress: var progress }:
                        verdict.Stage = progress.Stage;
                        clock.Enter(progress.Stage);
                        events.Report(progress);
                        break;
                    case LogMessage { Line: var line }:
                        events.Log(line);
                        break;
                    case ResultMessage { Result: var result } when result.PhaseId == order.Phase.Id:
                        // Not waited for: taking libtorch down takes 0.2 s, and a plugin's threads may never let it end. Disposing kills it.
                        return (result, Math.Max(memory.PeakMegabytes, ProcessTree.PeakMegabytes(worker.Id)));
                }
            }
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            return (memory.Exceeded.IsCancellationRequested ? verdict.OutOfMemory() : verdict.TimedOut(clock.PluginOverran), memory.PeakMegabytes);
        }
        catch (JsonException e)
        {
            return (verdict.NotTheProtocol(e.Message), memory.PeakMegabytes);
        }
        catch (IOException)
        {
            // The worker died before it took its order: the end of the pipe, judged below.
        }

        var exitCode = await worker.ExitCodeAsync(ExitGrace);
        events.Log(new PhaseLogLine("error", worker.Output.ToString()));
        return (verdict.Crashed(exitCode, worker.Output.Summary()), memory.PeakMegabytes);
    }

    /// <summary>One retry: a machine that cannot start a process is no fault of the plugin.</summary>
    private async Task<WorkerProcess> StartAsync(PhaseOrder order, CancellationToken abort)
    {
        var command = new WorkerCommand
        {
            WorkerDll = workerDll,
            ScratchFolder = order.ScratchFolder,
            Protection = protection,
            Inputs = [.. new[] { order.ScenarioPartFile, order.SubjectFolder, order.PluginFolder, order.WeightsFile }.OfType<string>()],
            MemoryMegabytes = order.Limits.MemoryMegabytes,
            UsesGpu = order.Device != "cpu",
        };
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
