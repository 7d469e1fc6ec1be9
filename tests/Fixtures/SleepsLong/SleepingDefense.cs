using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("sleeps_long", SdkApi.Level,
    Summary = "Takes its time, as training of a large model does, and changes the weights a little at its end.")]

namespace SleepsLong;

public sealed record SleepingOptions(double Seconds = 12);

public sealed class SleepingDefense(SleepingOptions options) : IDefense
{
    private const int TickMilliseconds = 100;

    public void Immunize(DefenseContext context)
    {
        var end = Environment.TickCount64 + (long)(options.Seconds * 1000);
        while (Environment.TickCount64 < end)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Thread.Sleep(TickMilliseconds);
        }

        using var noGrad = torch.no_grad();
        context.Model.Arena.Flat.mul_(0.999);
    }
}
