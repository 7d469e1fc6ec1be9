using Titer.Sdk;
[assembly: TiterPlugin("ships_sdk", SdkApi.Level)]

namespace ShipsSdk;

public sealed class BaggageDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
    }
}
