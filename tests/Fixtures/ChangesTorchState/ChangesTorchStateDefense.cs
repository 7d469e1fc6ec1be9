using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("changes_torch_state", SdkApi.Level, Summary = "Sets torch's default dtype and leaves it so.")]

namespace ChangesTorchState;

public sealed class ChangesTorchStateDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        torch.set_default_dtype(torch.ScalarType.Float64);
    }
}
