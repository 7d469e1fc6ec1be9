using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>The worker's side of the protocol: one order, one result, then the process ends.</summary>
public sealed class WorkerSession(WirePipe pipe, PhasePlayer player) : IPhaseEvents
{
    /// <summary>The process' exit code.</summary>
    public async Task<int> RunAsync()
    {
        pipe.Write(new HelloMessage(WireMessage.CurrentVersion, Environment.ProcessId));
        if (await pipe.ReadAsync(CancellationToken.None) is not StartMessage { Order: var order }) return 2;
        using var abandoned = new CancellationTokenSource();
        _ = SupervisorWatch.EndWithAsync(pipe);
        pipe.Write(new ResultMessage(Play(order, abandoned.Token)));
        return 0;
    }

    /// <summary>A fault of the host's own code, or of what the plugin left behind, ends the phase, not the tournament.</summary>
    private PhaseResult Play(PhaseOrder order, CancellationToken abandoned)
    {
        try
        {
            return player.Play(order, this, abandoned);
        }
        catch (Exception e)
        {
            Log(new PhaseLogLine("error", e.ToString()));
            return order.Phase.Failed(PhaseStatus.Error, "TITER211", $"The host failed outside of the plugin: {e.GetType().Name}: {e.Message} The log of the phase has the stack; please report it.");
        }
    }

    public void Report(PhaseProgress progress) => pipe.Write(new ProgressMessage(progress));

    public void Log(PhaseLogLine line) => pipe.Write(new LogMessage(line));
}
