using Titer.Sdk;
[assembly: TiterPlugin("unchanged_model", SdkApi.Level, Summary = "Returns without having done anything.")]

namespace UnchangedModel;

public sealed class UnchangedModelDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
    }
}
