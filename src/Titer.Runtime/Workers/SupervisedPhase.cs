using System.Text.Json;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>What came of one phase on one worker.</summary>
/// <param name="IsAnswered">The worker itself sent the result: it is alive and can take another order.</param>
/// <param name="EndedFromOutside">The exit code of a worker that a signal ended; <paramref name="Result"/>
/// then holds only if it happens again and again.</param>
/// <param name="IsClaim">So does a fault of the machine that only a stranger's process tells of.</param>
internal sealed record SupervisedPhase(
    PhaseResult Result, double PeakMegabytes, bool IsAnswered, int? EndedFromOutside = null, bool IsClaim = false)
{
    /// <summary>The plugin's own seconds, as the watch outside counts them.</summary>
    public double PlayedSeconds { get; private init; }

    /// <summary>A step of a phase sends one or two; nobody reads more than this.</summary>
    private const long MostMessages = 5_000_000;

    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(5);

    /// <summary>Sends the order and supervises. A worker without a result counts as a crash, whatever its exit code.</summary>
    /// <param name="metrics">Answer for the order's metrics.</param>
    /// <param name="tries">How often the phase was tried, this time included.</param>
    /// <param name="role">What to do about messages of one side of a phase; null where a process plays all of it.</param>
    /// <exception cref="MachineFaultException">The machine is at fault.</exception>
    public static async Task<SupervisedPhase> OfAsync(WorkerProcess worker, PhaseOrder order, MetricWorkers metrics, IPhaseEvents events,
        int tries, CancellationToken abort, IWorkerRole? role = null)
    {
        ProcessTree.ForgetPeak(worker.Id);
        await using var watch = new WorkerWatch(worker.Id, order.Limits, isPlayer: order.Role == PhaseRole.Player, usesGpu: order.Device != "cpu");
        await using var quota = new WorkerQuota(worker.Id, order.ScratchFolder, WorkerQuota.ScratchBytes(order.SubjectFolder),
            order.Role == PhaseRole.Player ? order.HandOverFile : null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource([abort, watch.Expired, watch.Exceeded, quota.Passed]);
        var verdict = new PhaseVerdict(order);
        SupervisedPhase Unanswered(PhaseResult result, int? signaled = null) => new(result, watch.PeakMegabytes, IsAnswered: false, signaled);
        var messages = 0L;
        try
        {
            worker.Pipe.Write(new StartMessage(order));
            role?.Begin(worker, watch);
            while (await worker.Pipe.ReadAsync(stop.Token) is { } message)
            {
                switch (message)
                {
                    case ProgressMessage { Progress: var progress }:
                        if (progress.Stage == PhaseStage.Playing && !verdict.PluginHasRun) role?.PluginBegins();
                        verdict.Follow(progress);
                        watch.Enter(progress.Stage);
                        // Whoever plays has measured nothing.
                        events.Report(order.Role == PhaseRole.Player ? progress with { Harm = null } : progress);
                        break;
                    case LogMessage { Line: var line }:
                        events.Log(line);
                        break;
                    // Whoever runs a stranger's code has nothing to score.
                    case ScoreMessage question when order.Role != PhaseRole.Player:
                        watch.Suspend();
                        worker.Pipe.Write(await metrics.AnswerAsync(order.Metrics, question, stop.Token));
                        watch.Resume();
                        break;
                    case FaultMessage fault:
                        return Unanswered(MachineDoctor.Judge(order, fault, verdict.PluginHasRun));
                    case HelloMessage:
                        break;
                    case ResultMessage { Result: var result } when result.PhaseId == order.Phase.Id:
                        // The process' end is not waited for: taking libtorch down takes 0.2 s, and a plugin's threads may never let it end.
                        return new SupervisedPhase(MachineDoctor.Judge(order, result),
                            Math.Max(watch.PeakMegabytes, ProcessTree.PeakMegabytes(worker.Id)),
                            IsAnswered: result.Code != PluginFaultResult.StillRunningCode) { PlayedSeconds = watch.PlayedSeconds };
                    case HandOverMessage or AskMessage or MeasuredMessage when role?.Hears(message) == true:
                        if (await role.HearAsync(message) is { } ended) return Unanswered(ended);
                        break;
                    default:
                        return Unanswered(verdict.NotTheProtocol(message is ResultMessage ? "a result of another phase"
                            : $"a {message.GetType().Name}, which is not a worker's to send"));
                }

                if (++messages > MostMessages) return Unanswered(verdict.NotTheProtocol($"over {MostMessages} messages"));
            }
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            if (quota.What is { } what) return Unanswered(verdict.TookTooMuch(what));
            return Unanswered(watch.Exceeded.IsCancellationRequested ? verdict.OutOfMemory() : verdict.TimedOut(watch.PluginOverran));
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
        return PhaseVerdict.IsEndedFromOutside(exitCode)
            ? Unanswered(verdict.KilledItself(exitCode, tries), exitCode)
            : Unanswered(verdict.Crashed(exitCode, worker.Output.Summary()));
    }
}
