using Titer.Plugins;

namespace Titer.Runtime.Phases;

/// <summary>
/// A budget's clock: time that the plugin's thread stood ready while other processes had the processor does not count. Elsewhere than on Linux it
/// is the wall's. Thread-safe.
/// </summary>
internal sealed class PluginClock : TimeProvider
{
    private const long RefreshMilliseconds = 20;

    private ReadyTime? _ready;
    private long _waitedTicks;
    private long _readAt;

    public override long GetTimestamp()
    {
        Refresh();
        return System.GetTimestamp() - Volatile.Read(ref _waitedTicks);
    }

    /// <summary>Called on the plugin's thread, before its first line.</summary>
    public void Follow() => _ready = ReadyTime.OfThisThread();

    private void Refresh()
    {
        if (_ready is not { } ready || Environment.TickCount64 - Volatile.Read(ref _readAt) < RefreshMilliseconds) return;
        Volatile.Write(ref _readAt, Environment.TickCount64);
        Volatile.Write(ref _waitedTicks, (long)(ready.Read().TotalSeconds * TimestampFrequency));
    }
}
