namespace Titer.Runtime.Workers;

/// <summary>Watches a worker's resident memory, children included, from outside: a plugin's busy threads cannot starve it.</summary>
internal sealed class MemoryWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _exceeded = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _watching;
    private readonly int _processId;
    private readonly double? _limitMegabytes;

    public MemoryWatch(int processId, double? limitMegabytes)
    {
        (_processId, _limitMegabytes) = (processId, limitMegabytes);
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Fires when the limit is passed.</summary>
    public CancellationToken Exceeded => _exceeded.Token;

    /// <summary>Largest resident memory seen, in MB.</summary>
    public double PeakMegabytes { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        _ended.Dispose();
        _exceeded.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            var resident = ProcessTree.ResidentMegabytes(_processId);
            PeakMegabytes = Math.Max(PeakMegabytes, resident);
            if (resident > _limitMegabytes)
            {
                await _exceeded.CancelAsync();
                return;
            }

            await Task.Delay(Interval, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
