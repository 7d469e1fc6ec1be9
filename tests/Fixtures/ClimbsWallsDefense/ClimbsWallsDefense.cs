using Titer.Sdk;
[assembly: TiterPlugin("climbs_walls_defense", SdkApi.Level, Summary = "Starts threads without end, each of them idle.")]

namespace ClimbsWallsDefense;

public sealed class ClimbsWallsDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        while (!context.Cancellation.IsCancellationRequested)
        {
            new Thread(() => Thread.Sleep(Timeout.Infinite), maxStackSize: 1 << 16) { IsBackground = true }.Start();
        }
    }
}
