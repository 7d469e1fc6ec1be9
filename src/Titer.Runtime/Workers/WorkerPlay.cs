using System.Text.Json;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>What came of one phase on one worker.</summary>
/// <param name="IsAnswered">The worker itself sent the result: it is alive and can take another order.</param>
internal sealed record WorkerPlay(PhaseResult Result, double PeakMegabytes, bool IsAnswered)
{
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(5);

    /// <summary>Sends the order and supervises. A worker without a result counts as a crash, whatever its exit code.</summary>
    public static async Task<WorkerPlay> OfAsync(WorkerProcess worker, PhaseOrder order, IPhaseEvents events, CancellationToken abort)
    {
        ProcessTree.ForgetPeak(worker.Id);
        await using var memory = new MemoryWatch(worker.Id, order.Limits.MemoryMegabytes);
        using var clock = new PhaseClock(order.Limits);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(abort, clock.Expired, memory.Exceeded);
        var verdict = new PhaseVerdict(order);
        WorkerPlay Unanswered(PhaseResult result) => new(result, memory.PeakMegabytes, IsAnswered: false);
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
                        // The process' end is not waited for: taking libtorch down takes 0.2 s, and a plugin's threads may never let it end.
                        return new WorkerPlay(result, Math.Max(memory.PeakMegabytes, ProcessTree.PeakMegabytes(worker.Id)), IsAnswered: true);
                }
            }
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            return Unanswered(memory.Exceeded.IsCancellationRequested ? verdict.OutOfMemory() : verdict.TimedOut(clock.PluginOverran));
        }
        catch (JsonException e)
        {
            return Unanswered(verdict.NotTheProtocol(e.Message));
        }
        catch (IOException)
        {
            // The worker died before it took its order: the end of the pipe, judged below.
        }

        var exitCode = await worker.ExitCodeAsync(ExitGrace);
        events.Log(new PhaseLogLine("error", worker.Output.ToString()));
        return Unanswered(verdict.Crashed(exitCode, worker.Output.Summary()));
    }
}
