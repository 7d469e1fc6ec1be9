using Titer.Sdk;
[assembly: TiterPlugin("api_too_new", 99)]

namespace ApiTooNew;

public sealed class FutureDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
    }
}
