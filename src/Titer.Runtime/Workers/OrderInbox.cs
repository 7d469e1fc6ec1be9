using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>Reads what a supervisor sends while phases play, and so notices when it is gone: nobody would read the result.</summary>
internal sealed class OrderInbox
{
    private readonly Channel<PhaseOrder> _orders = Channel.CreateUnbounded<PhaseOrder>();
    private readonly BlockingCollection<WireMessage> _replies = [];

    public ChannelReader<PhaseOrder> Orders => _orders.Reader;

    public static OrderInbox Open(WirePipe pipe)
    {
        var inbox = new OrderInbox();
        _ = inbox.ReadAsync(pipe);
        return inbox;
    }

    /// <summary>Waits for a message in the middle of a phase, on the phase's own thread.</summary>
    public T Reply<T>()
        where T : WireMessage
    {
        while (true)
        {
            if (_replies.Take() is T reply) return reply;
        }
    }

    private async Task ReadAsync(WirePipe pipe)
    {
        while (await pipe.ReadAsync(CancellationToken.None) is { } message)
        {
            // Lines of a newer supervisor are skipped.
            if (message is StartMessage { Order: var order }) _orders.Writer.TryWrite(order);
            else if (message is GoOnMessage or MeasureMessage) _replies.Add(message);
        }

        Process.GetCurrentProcess().Kill();
    }
}
