using Titer.Sdk;
[assembly: TiterPlugin("overflows_stack", SdkApi.Level, Summary = "Recurses without end.")]

namespace OverflowsStack;

public sealed class OverflowsStackDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        Console.WriteLine(Depth(0));
    }

    private static int Depth(int depth)
    {
        return depth < 0 ? depth : Depth(depth + 1) + 1;
    }
}
