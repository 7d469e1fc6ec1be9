using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>
/// Reads a worker's orders, and what answers it in the middle of a phase, while phases play; and so notices when the supervisor is gone: nobody
/// would read the result.
/// </summary>
internal sealed class OrderInbox(WirePipe pipe)
{
    private readonly Channel<PhaseOrder> _orders = Channel.CreateUnbounded<PhaseOrder>();
    private readonly BlockingCollection<WireMessage> _replies = [];

    public ChannelReader<PhaseOrder> Orders => _orders.Reader;

    public void Open() => _ = ReadAsync();

    /// <summary>Waits for the answer to what was sent, on the phase's own thread; when none comes, the supervisor ends the process.</summary>
    public ScoresMessage NextScores() => Reply<ScoresMessage>();

    /// <inheritdoc cref="NextScores"/>
    internal T Reply<T>()
        where T : WireMessage
    {
        while (true)
        {
            if (_replies.Take() is T reply) return reply;
        }
    }

    private async Task ReadAsync()
    {
        while (await pipe.ReadAsync(CancellationToken.None) is { } message)
        {
            // Lines of a newer supervisor are skipped.
            if (message is StartMessage { Order: var order }) _orders.Writer.TryWrite(order);
            else if (message is ScoresMessage or GoOnMessage or MeasureMessage) _replies.Add(message);
        }

        Process.GetCurrentProcess().Kill();
    }
}
