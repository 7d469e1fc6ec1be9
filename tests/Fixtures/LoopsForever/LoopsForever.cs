using Titer.Sdk;
[assembly: TiterPlugin("loops_forever", SdkApi.Level, Summary = "Never returns and never looks at its token.")]

namespace LoopsForever;

public sealed class EndlessDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        while (true)
            Thread.SpinWait(1000);
    }
}
