using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("dispose_hangs", SdkApi.Level, Summary = "Does its work, and never returns from Dispose.")]

namespace DisposeHangs;

public sealed class HangingDefense : IDefense, IDisposable
{
    public void Immunize(DefenseContext context)
    {
        using var noGrad = torch.no_grad();
        context.Model.Arena.Flat.mul_(0.999);
    }

    public void Dispose() => Thread.Sleep(Timeout.Infinite);
}
