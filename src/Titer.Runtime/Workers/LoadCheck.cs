using System.Collections.Concurrent;
using System.Text.Json;
using Titer.Files;
using Titer.Plugins;

namespace Titer.Runtime.Workers;

/// <summary>
/// Loads plugins for inspection in a worker; one that takes the worker down is refused for it, and the next ones get a fresh one. Strangers'
/// have one each: whoever loads beside others could answer for them.
/// </summary>
internal sealed class LoadCheck(string workerDll, WorkerProtection protection)
{
    private static readonly TimeSpan PluginDeadline = TimeSpan.FromSeconds(30);

    /// <param name="own">Folders of plugins that came with the host.</param>
    /// <param name="shape">Of the processes that strangers' are loaded in: those that would play them.</param>
    /// <returns>By folder.</returns>
    public async Task<IReadOnlyDictionary<string, LoadedMessage>> RunAsync(
        IReadOnlyList<string> own, IReadOnlyList<string> strangers, PlayerShape shape, CancellationToken cancellation)
    {
        await using var players = new PlayerPool(new WorkerStarter(workerDll, protection));
        var states = new ConcurrentDictionary<string, LoadedMessage>(StringComparer.Ordinal);
        var lanes = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        await Parallel.ForEachAsync(strangers.Prepend(null), lanes, async (folder, stop) =>
        {
            if (folder is not null) states[folder] = await LoadedAsync(players, folder, shape, stop);
            else foreach (var (known, state) in await RunAsync(own, stop)) states[known] = state;
        });
        return states;
    }

    /// <summary>A stranger's, in a process that cannot be told from one that plays it.</summary>
    private static async Task<LoadedMessage> LoadedAsync(PlayerPool players, string folder, PlayerShape shape, CancellationToken cancellation)
    {
        await using var player = players.Start(shape);
        var given = player.GivePlugin(folder);
        var states = new Dictionary<string, LoadedMessage>(StringComparer.Ordinal);
        var worker = await player.ProcessAsync(cancellation);
        var (_, problem) = await ListenAsync(worker, new LoadMessage([given], player.OwnFolder), states, cancellation);
        return (states.GetValueOrDefault(given) ?? new LoadedMessage(folder, PluginState.Refused, problem)) with { Folder = folder };
    }

    private async Task<Dictionary<string, LoadedMessage>> RunAsync(IReadOnlyList<string> folders, CancellationToken cancellation)
    {
        var states = new Dictionary<string, LoadedMessage>(StringComparer.Ordinal);
        while (folders.Where(f => !states.ContainsKey(f)).ToArray() is { Length: > 0 } left)
        {
            using var scratch = ScratchFolder.Create();
            var command = new WorkerCommand { WorkerDll = workerDll, ScratchFolder = scratch.Path, Protection = protection, Inputs = left };
            await using var worker = await WorkerProcess.StartAsync(command, cancellation);
            var (loading, problem) = await ListenAsync(worker, new LoadMessage(left, scratch.Path), states, cancellation);
            if (loading is null && problem is null) continue;
            // Before the first one: the worker's own fault, which must not be tried for ever.
            var blamed = loading ?? left[0];
            states.TryAdd(blamed, new LoadedMessage(blamed, PluginState.Refused, problem));
        }

        return states;
    }

    private static async Task<(string? Loading, string? Problem)> ListenAsync(WorkerProcess worker, LoadMessage order,
        Dictionary<string, LoadedMessage> states, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        string? loading = null;
        try
        {
            deadline.CancelAfter(PluginDeadline);
            worker.Pipe.Write(order);
            while (await worker.Pipe.ReadAsync(deadline.Token) is { } message)
            {
                deadline.CancelAfter(PluginDeadline);
                if (message is LoadingMessage next) loading = next.Folder;
                if (message is not LoadedMessage loaded || !order.Folders.Contains(loaded.Folder)) continue;
                states[loaded.Folder] = loaded;
                loading = null;
                if (states.Count >= order.Folders.Count && order.Folders.All(states.ContainsKey)) return (null, null);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (loading, $"TITER203 It did not load within {PluginDeadline.TotalSeconds:0} s. A constructor must return at once.");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // Judged by its exit code.
        }

        var exitCode = await worker.ExitCodeAsync(TimeSpan.FromSeconds(5));
        return (loading, $"TITER204 Loading it ended the process with exit code {exitCode}: {worker.Output.Summary()}");
    }
}
