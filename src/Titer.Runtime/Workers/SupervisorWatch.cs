using System.Diagnostics;

namespace Titer.Runtime.Workers;

/// <summary>Ends a worker when its supervisor is gone: nobody would read the result.</summary>
internal static class SupervisorWatch
{
    public static async Task EndWithAsync(WirePipe pipe)
    {
        while (await pipe.ReadAsync(CancellationToken.None) is not null)
        {
            // The supervisor sends nothing after the order; lines of a newer one are skipped.
        }

        Process.GetCurrentProcess().Kill();
    }
}
