using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("eats_tensor_memory", SdkApi.Level, Summary = "Allocates tensors without end.")]

namespace EatsTensorMemory;

public sealed class EatsTensorMemoryDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var hoard = new List<torch.Tensor>();
        while (true)
            hoard.Add(torch.ones([4 << 20]));
    }
}
