using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>
/// Reads a worker's orders, and the scores that it asked for, while phases play; and so notices when the supervisor is gone: nobody would read the
/// result.
/// </summary>
internal sealed class OrderInbox(WirePipe pipe)
{
    private readonly Channel<PhaseOrder> _orders = Channel.CreateUnbounded<PhaseOrder>();
    private readonly BlockingCollection<ScoresMessage> _scores = [];

    public ChannelReader<PhaseOrder> Orders => _orders.Reader;

    public void Open() => _ = ReadAsync();

    /// <summary>Waits for the answer to the question that was sent; when none comes, the supervisor ends the process.</summary>
    public ScoresMessage NextScores() => _scores.Take();

    private async Task ReadAsync()
    {
        while (await pipe.ReadAsync(CancellationToken.None) is { } message)
        {
            // Lines of a newer supervisor are skipped.
            if (message is StartMessage { Order: var order }) _orders.Writer.TryWrite(order);
            else if (message is ScoresMessage scores) _scores.Add(scores);
        }

        Process.GetCurrentProcess().Kill();
    }
}
