using System.Diagnostics;
using System.Threading.Channels;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>Reads a worker's orders while phases play, and so notices when the supervisor is gone: nobody would read the result.</summary>
internal static class OrderInbox
{
    public static ChannelReader<PhaseOrder> Open(WirePipe pipe)
    {
        var orders = Channel.CreateUnbounded<PhaseOrder>();
        _ = ReadAsync(pipe, orders.Writer);
        return orders.Reader;
    }

    private static async Task ReadAsync(WirePipe pipe, ChannelWriter<PhaseOrder> orders)
    {
        while (await pipe.ReadAsync(CancellationToken.None) is { } message)
        {
            // Lines of a newer supervisor are skipped.
            if (message is StartMessage { Order: var order }) orders.TryWrite(order);
        }

        Process.GetCurrentProcess().Kill();
    }
}
