using Titer.Sdk;
[assembly: TiterPlugin("ships_torch_sharp", SdkApi.Level, Summary = "Brings a copy of TorchSharp.")]

namespace ShipsTorchSharp;

public sealed class ShipsTorchSharpDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
    }
}
