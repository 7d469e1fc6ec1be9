using System.Text.Json;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// Plays every phase in a process of its own and supervises it: whatever the plugin does there, the answer is a
/// <see cref="PhaseResult"/>. A worker without a result counts as a crash, whatever its exit code.
/// </summary>
public sealed class WorkerExecutor(string workerDll) : IPhaseExecutor
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
        using var clock = new PhaseClock(order.Limits);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(abort, clock.Expired);
        worker.Pipe.Write(new StartMessage(order));
        var stage = PhaseStage.Loading;
        try
        {
            while (await worker.Pipe.ReadAsync(stop.Token) is { } message)
            {
                switch (message)
                {
                    case ProgressMessage { Progress: var progress }:
                        stage = progress.Stage;
                        clock.Enter(stage);
                        events.Report(progress);
                        break;
                    case LogMessage { Line: var line }:
                        events.Log(line);
                        break;
                    case ResultMessage { Result: var result } when result.PhaseId == order.Phase.Id:
                        var peak = worker.PeakMemoryMegabytes;
                        // Not waited for: taking libtorch down takes 0.2 s, and a plugin's threads may never let it end. Disposing kills it.
                        return (result, peak);
                }
            }
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            return (TimedOut(order, clock, stage), worker.PeakMemoryMegabytes);
        }
        catch (JsonException e)
        {
            return (order.Phase.Failed(PhaseStatus.Error, "TITER204", $"The worker sent something that is not a message ({e.Message}). The plugin wrote to the host's pipe; it must not."), 0);
        }

        var exitCode = await worker.ExitCodeAsync(ExitGrace);
        events.Log(new PhaseLogLine("error", worker.Output.ToString()));
        return (Crashed(order, stage, exitCode, worker.Output.Summary()), 0);
    }

    /// <summary>One retry: a machine that cannot start a process is no fault of the plugin.</summary>
    private async Task<WorkerProcess> StartAsync(PhaseOrder order, CancellationToken abort)
    {
        try
        {
            return await WorkerProcess.StartAsync(workerDll, order.ScratchFolder, abort);
        }
        catch (WorkerStartException)
        {
            return await WorkerProcess.StartAsync(workerDll, order.ScratchFolder, abort);
        }
    }

    private static PhaseResult TimedOut(PhaseOrder order, PhaseClock clock, PhaseStage stage) => clock.PluginOverran
        ? order.Phase.Failed(PhaseStatus.Timeout, "TITER203", $"Killed after {order.Limits.WallSeconds:0.##} s of the plugin's own time. Give the phase more seconds (budget), or make the plugin observe context.Cancellation and its budget.")
        : order.Phase.Failed(PhaseStatus.Timeout, "TITER203", $"Killed: the host's own work ({stage}) took over {PhaseClock.HostAllowance.TotalMinutes:0} minutes.");

    private static PhaseResult Crashed(PhaseOrder order, PhaseStage stage, int exitCode, string lastLines) => order.Phase.Failed(
        PhaseStatus.Error, "TITER204",
        $"The worker ended with exit code {exitCode} and no result while {(stage == PhaseStage.Playing ? "the plugin ran" : $"the host was {stage.ToString().ToLowerInvariant()}")}. "
        + (exitCode == 134 ? "A native error aborts a process: check shapes and types, and prefer mm, bmm and linear to matmul. " : "A plugin must return, not end the process. ")
        + (lastLines.Length == 0 ? "It printed nothing." : $"Last output: {lastLines}"));
}
