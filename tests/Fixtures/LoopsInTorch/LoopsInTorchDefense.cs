using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("loops_in_torch", SdkApi.Level, Summary = "Computes without end and never looks at its token.")]

namespace LoopsInTorch;

public sealed class LoopsInTorchDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        using var scope = torch.NewDisposeScope();
        var matrix = torch.ones([64, 64]);
        while (true)
            torch.mm(matrix, matrix).Dispose();
    }
}
