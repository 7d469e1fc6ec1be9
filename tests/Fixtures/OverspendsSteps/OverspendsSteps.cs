using Titer.Sdk;
[assembly: TiterPlugin("overspends_steps", SdkApi.Level, Summary = "Takes more steps than its budget allows.")]

namespace OverspendsSteps;

public sealed class SpendthriftDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        while (true)
            context.Step();
    }
}
