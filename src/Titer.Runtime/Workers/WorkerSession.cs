using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>The worker's side of the protocol: an order, its result, and so on until the supervisor ends the process.</summary>
public sealed class WorkerSession(WirePipe pipe, PhasePlayer player) : IPhaseEvents
{
    /// <summary>
    /// Load contexts of plugins and tensors without an owner wait for the collector, which does not see how large they are. A collection takes as long as
    /// loading a plugin: not after every phase.
    /// </summary>
    private const int PhasesPerCollection = 8;

    /// <summary>The process' exit code.</summary>
    public async Task<int> RunAsync()
    {
        pipe.Write(new HelloMessage(WireMessage.CurrentVersion, Environment.ProcessId));
        var orders = OrderInbox.Open(pipe);
        using var abandoned = new CancellationTokenSource();
        for (var played = 0; ;)
        {
            var order = await orders.ReadAsync();
            pipe.Write(new ResultMessage(Play(order, abandoned.Token)));
            if (++played % PhasesPerCollection != 0) continue;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
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
