using Titer.Files;
using Titer.Files.Codes;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Sdk;

namespace Titer.Runtime.Workers;

/// <summary>The side of a worker that plays phases: an order, its result, and so on until the supervisor ends the process.</summary>
internal sealed class WorkerSession(WirePipe pipe, OrderInbox inbox, PhasePlayer player) : IPhaseEvents, ISupervisorLine
{
    /// <summary>
    /// Load contexts of plugins and tensors without an owner wait for the collector, which does not see
    /// how large they are. A collection takes as long as
    /// loading a plugin: not after every phase.
    /// </summary>
    private const int PhasesPerCollection = 8;

    /// <summary>The process' exit code.</summary>
    /// <param name="first">The order that the process was told when it was up.</param>
    public async Task<int> RunAsync(PhaseOrder first)
    {
        inbox.Open();
        using var abandoned = new CancellationTokenSource();
        var order = first;
        for (var played = 1; ; played++)
        {
            pipe.Write(Play(order, abandoned.Token));
            if (played % PhasesPerCollection == 0)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            order = await inbox.Orders.ReadAsync();
        }
    }

    /// <summary>A fault of the host's own work is no result: the supervisor, who sees the machine, judges whose it is.</summary>
    private WireMessage Play(PhaseOrder order, CancellationToken abandoned)
    {
        try
        {
            // A plugin, or somebody who tidied up, may have removed it.
            Directory.CreateDirectory(order.ScratchFolder);
            return new ResultMessage(player.Play(order, this, abandoned, this));
        }
        catch (Exception e)
        {
            Log(new PhaseLogLine("error", e.ToString()));
            return e switch
            {
                // A folder that cannot be written to may be what a plugin left.
                ICoded coded => new FaultMessage(coded.Code, coded.Text, IsMachines: e is not FileRefusalException),
                IOException or UnauthorizedAccessException =>
                    // Another's files may have filled it, and be gone when somebody looks.
                    new FaultMessage(MachineFaultException.DiskCode, $"{e.Message} Check the disk and its permissions.",
                        IsMachines: PluginFault.Of(e).IsOutOfDisk),
                _ => new FaultMessage(MachineFaultException.HostWorkCode,
                    $"The host failed outside of any plugin: {e.GetType().Name}: {e.Message} The log of the phase has the stack; 'titer doctor' "
                        + "may know more."),
            };
        }
    }

    public void Report(PhaseProgress progress) => pipe.Write(new ProgressMessage(progress));

    public void Log(PhaseLogLine line) => pipe.Write(new LogMessage(line));

    bool ISupervisorLine.Give(HandOver handOver)
    {
        pipe.Write(new HandOverMessage(handOver));
        return inbox.Reply<GoOnMessage>().IsEnough;
    }

    (bool IsEnough, string? Refusal) ISupervisorLine.Ask(IReadOnlyList<PromptWrapper> wrappers, HandOver? handOver)
    {
        pipe.Write(new AskMessage(wrappers, handOver));
        var answer = inbox.Reply<GoOnMessage>();
        return (answer.IsEnough, answer.Refusal);
    }

    ToMeasure? ISupervisorLine.Take() => inbox.Reply<MeasureMessage>().Wanted;

    void ISupervisorLine.Done(bool isEnough, double? worstHarm, double? secondsPerStep, string? refusal) =>
        pipe.Write(new MeasuredMessage(isEnough, worstHarm, secondsPerStep, refusal));
}
