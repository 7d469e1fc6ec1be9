using System.Runtime.CompilerServices;
using Titer.Sdk;
[assembly: TiterPlugin("initializer_hangs", SdkApi.Level, Summary = "Its module initializer never returns.")]

namespace InitializerHangs;

internal static class Initializer
{
#pragma warning disable CA2255 // The misbehavior that this fixture exists for.
    [ModuleInitializer]
    internal static void Run() => Thread.Sleep(Timeout.Infinite);
#pragma warning restore CA2255
}

public sealed class NeverMade : IDefense
{
    public void Immunize(DefenseContext context)
    {
        // Never reached.
    }
}
