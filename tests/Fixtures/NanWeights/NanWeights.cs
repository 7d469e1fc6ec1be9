using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("nan_weights", SdkApi.Level, Summary = "Puts one NaN into the weights.")]

namespace NanWeights;

public sealed class NanDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        context.Model.Arena.Flat.narrow(0, 0, 1).fill_(double.NaN);
    }
}
