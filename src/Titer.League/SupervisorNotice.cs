using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace Titer.League;

/// <summary>
/// What a supervisor that speaks systemd's protocol hears (sd_notify(3)): ready, stopping, and as long as the loop that plays answers, that it
/// lives. Without <c>NOTIFY_SOCKET</c> nobody does.
/// </summary>
internal sealed class SupervisorNotice(TimeProvider clock)
{
    private const string WatchdogVariable = "WATCHDOG_USEC";
    private static readonly ServiceState Alive = new("WATCHDOG=1");
    private readonly SystemdNotifier _notifier = new();

    public void Ready() => Tell(ServiceState.Ready);

    public void Stopping() => Tell(ServiceState.Stopping);

    /// <summary>Says twice per watchdog period that the loop lives, after it has answered: one that hangs is ended by the supervisor.</summary>
    public async Task KeepAliveAsync(Func<Task> look, CancellationToken stop)
    {
        if (!_notifier.IsEnabled || !long.TryParse(Environment.GetEnvironmentVariable(WatchdogVariable), NumberStyles.None,
            CultureInfo.InvariantCulture, out var microseconds) || microseconds <= 0) return;
        try
        {
            while (true)
            {
                await look().WaitAsync(stop);
                await Tell(Alive).WaitAsync(stop);
                await Task.Delay(TimeSpan.FromMicroseconds(microseconds / 2.0), clock, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The league ends.
        }
    }

    /// <summary>A supervisor that does not read fills the socket, and writing to it waits: nothing here waits for that.</summary>
    private Task Tell(ServiceState state) => Task.Run(() => _notifier.Notify(state));
}
