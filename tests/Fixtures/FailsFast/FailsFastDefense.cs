using Titer.Sdk;
[assembly: TiterPlugin("fails_fast", SdkApi.Level, Summary = "Ends its process at once.")]

namespace FailsFast;

public sealed class FailsFastDefense : IDefense
{
#pragma warning disable RS0030 // The misbehavior that this fixture exists for.
    public void Immunize(DefenseContext context)
    {
        Environment.FailFast("this plugin has had enough");
    }
#pragma warning restore RS0030
}
