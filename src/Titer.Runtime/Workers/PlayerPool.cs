using System.Collections.Concurrent;
using Titer.Files;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>
/// Empty players, started while others play: nobody waits for the start of a process but whoever comes first. One waits for each kind of
/// limits: more would only take processors from those that play.
/// </summary>
/// <param name="startsAhead">Off where no other phase follows: each is started when it is asked for.</param>
internal sealed class PlayerPool(WorkerStarter starter, bool startsAhead = true) : IAsyncDisposable
{
    private readonly ConcurrentBag<WaitingPlayer> _waiting = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _opening = new();
    private ScratchFolder? _handOvers;

    public WorkerStarter Starter { get; } = starter;

    /// <summary>What every measurer reads: the hand-over files of this pool's players.</summary>
    /// <exception cref="IOException">The temporary folder is full.</exception>
    public string HandOverFolder
    {
        get
        {
            lock (_opening) return (_handOvers ??= ScratchFolder.Create()).Path;
        }
    }

    /// <summary>For this phase alone: whoever takes it ends it.</summary>
    /// <exception cref="IOException">The temporary folder is full.</exception>
    public WaitingPlayer Take(PhaseOrder order)
    {
        var player = Waiting(order) ?? Start(PlayerShape.Of(order));
        if (!startsAhead) return player;
        try
        {
            _waiting.Add(Start(PlayerShape.Of(order)));
        }
        catch (IOException)
        {
            // Whoever needs it will say so.
        }

        return player;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        while (_waiting.TryTake(out var player)) await player.DisposeAsync();
        _handOvers?.Dispose();
        _closing.Dispose();
    }

    /// <summary>A player that nobody else can take: for a plugin that is looked at.</summary>
    /// <exception cref="IOException">The temporary folder is full.</exception>
    public WaitingPlayer Start(PlayerShape shape) => new(Starter, shape, HandOverFolder, _closing.Token);

    private WaitingPlayer? Waiting(PhaseOrder order)
    {
        var others = new List<WaitingPlayer>();
        WaitingPlayer? found = null;
        while (found is null && _waiting.TryTake(out var player))
        {
            if (player.Fits(order)) found = player;
            else others.Add(player);
        }

        foreach (var player in others) _waiting.Add(player);
        return found;
    }
}
