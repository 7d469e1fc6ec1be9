using Titer.Sdk;
[assembly: TiterPlugin("leaky_timer", SdkApi.Level, Summary = "Starts a timer that nobody stops: its load context cannot be collected.")]

namespace LeakyTimer;

public sealed class TickingDefense : IDefense
{
    private static Timer? _timer;
    private static long _ticks;

    public TickingDefense() => _timer ??= new Timer(static _ => Interlocked.Increment(ref _ticks), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));

    public void Immunize(DefenseContext context)
    {
    }
}
