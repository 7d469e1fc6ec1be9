using Titer.Sdk;
[assembly: TiterPlugin("api_too_old", 0, Summary = "Built for an API that this host no longer speaks.")]

namespace ApiTooOld;

public sealed class ApiTooOldDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
    }
}
