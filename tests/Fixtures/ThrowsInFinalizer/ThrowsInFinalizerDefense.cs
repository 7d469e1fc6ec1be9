using Titer.Sdk;
[assembly: TiterPlugin("throws_in_finalizer", SdkApi.Level, Summary = "Leaves an object behind whose finalizer throws.")]

namespace ThrowsInFinalizer;

public sealed class ThrowsInFinalizerDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        Leave();
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static void Leave() => _ = new Trap();

    private sealed class Trap
    {
        private readonly bool _armed = true;

        ~Trap()
        {
            if (_armed) throw new InvalidOperationException("the finalizer threw");
        }
    }
}
