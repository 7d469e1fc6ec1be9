using Titer.Sdk;
[assembly: TiterPlugin("throws_on_own_thread", SdkApi.Level, Summary = "Throws on a thread that nobody watches.")]

namespace ThrowsOnOwnThread;

public sealed class ThrowsOnOwnThreadDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var thread = new Thread(static () => throw new InvalidOperationException("nobody catches this"));
        thread.Start();
        thread.Join();
    }
}
