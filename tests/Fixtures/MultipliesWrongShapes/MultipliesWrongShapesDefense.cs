using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("multiplies_wrong_shapes", SdkApi.Level, Summary = "Calls matmul with shapes that do not fit, which aborts the process.")]

namespace MultipliesWrongShapes;

public sealed class MultipliesWrongShapesDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        using var scope = torch.NewDisposeScope();
        _ = torch.matmul(torch.ones([2, 3]), torch.ones([2, 3]));
    }
}
