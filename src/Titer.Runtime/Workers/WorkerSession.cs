using System.Diagnostics;
using Titer.Runtime.Phases;

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
        _ = EndWithSupervisorAsync();
        pipe.Write(new ResultMessage(player.Play(order, this, abandoned.Token)));
        return 0;
    }

    public void Report(PhaseProgress progress) => pipe.Write(new ProgressMessage(progress));

    public void Log(PhaseLogLine line) => pipe.Write(new LogMessage(line));

    /// <summary>When the supervisor is gone nobody reads the result: a worker must not live on.</summary>
    private async Task EndWithSupervisorAsync()
    {
        while (await pipe.ReadAsync(CancellationToken.None) is not null)
        {
            // The supervisor sends nothing after the order; lines of a newer one are skipped.
        }

        Process.GetCurrentProcess().Kill();
    }
}
