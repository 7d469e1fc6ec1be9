namespace Titer.Runtime.Phases;

/// <summary>
/// Whoever plays in a process that is not a worker waits for its turn: torch's defaults, its global generator and the console belong to the
/// process, and test frameworks run tests side by side.
/// </summary>
internal static class ProcessTurn
{
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    public static IDisposable Take()
    {
        OneAtATime.Wait();
        return new Turn();
    }

    public static async Task<IDisposable> TakeAsync(CancellationToken cancellation)
    {
        await OneAtATime.WaitAsync(cancellation);
        return new Turn();
    }

    private sealed class Turn : IDisposable
    {
        public void Dispose() => OneAtATime.Release();
    }
}
