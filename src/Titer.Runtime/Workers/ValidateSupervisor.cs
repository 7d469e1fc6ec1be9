using System.Runtime.CompilerServices;
using System.Text.Json;
using Titer.Plugins;
using Titer.Runtime.Conformance;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// Checks a plugin in a worker of its own, started as one that plays it: the caller loads neither torch nor plugin code. A worker that dies or
/// hangs fails the check that it was at; the rest is skipped.
/// </summary>
internal sealed class ValidateSupervisor(string workerDll, WorkerProtection protection)
{
    private static readonly TimeSpan CheckDeadline = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(5);

    /// <summary>One finding per check, in order, however the worker ends.</summary>
    /// <param name="trials">Whose phases the trials are to look like; null takes a small random model.</param>
    /// <exception cref="WorkerStartException">No worker came up.</exception>
    public async IAsyncEnumerable<ConformanceFinding> FindingsAsync(InstalledPlugin plugin, PlayerShape shape, ulong seed, TrialPhases? trials,
        [EnumeratorCancellation] CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        ArgumentNullException.ThrowIfNull(shape);
        await using var players = new PlayerPool(new WorkerStarter(workerDll, protection));
        await using var player = players.Start(shape);
        var given = Path.Combine(player.GivePlugin(plugin.Folder), Path.GetFileName(plugin.AssemblyPath));
        var order = new ValidateMessage(given, seed, trials is null ? null : player.GiveTrials(trials));
        var worker = await player.ProcessAsync(stop);
        var limits = new PhaseLimits { Steps = 0, WallSeconds = 1e9, MemoryMegabytes = shape.MemoryMegabytes };
        await using var memory = new WorkerWatch(worker.Id, limits);
        using var deadline = new CancellationTokenSource();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token, memory.Exceeded);
        var checks = ConformanceChecks.For(plugin.Manifest.Kind);
        var next = 1;
        string? why = null;
        while (why is null && next <= checks.Count)
        {
            deadline.CancelAfter(CheckDeadline);
            var (finding, problem) = await NextAsync(worker, next == 1 ? order : null, end.Token, stop);
            why = memory.Exceeded.IsCancellationRequested ? $"It used more than {shape.MemoryMegabytes:0} MB of memory." : problem;
            if (finding is null) continue;
            next = finding.Number + 1;
            yield return finding;
        }

        if (why is null) yield break;
        for (var number = next; number <= checks.Count; number++)
        {
            var check = checks[number - 1];
            yield return number == next
                ? new ConformanceFinding(number, check.Name, ConformanceOutcome.Failed, check.Code, why,
                    "A plugin must return or throw, and leave the process alone.")
                : new ConformanceFinding(number, check.Name, ConformanceOutcome.Skipped, Fact: "The process ended before it.");
        }
    }

    /// <summary>The next finding, or why there will be none.</summary>
    private static async Task<(ConformanceFinding? Finding, string? Why)> NextAsync(WorkerProcess worker, WireMessage? order, CancellationToken end,
        CancellationToken stop)
    {
        try
        {
            if (order is not null) worker.Pipe.Write(order);
            while (await worker.Pipe.ReadAsync(end) is { } message)
            {
                if (message is FindingMessage { Finding: var finding }) return (finding, null);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, $"It did not end within {CheckDeadline.TotalSeconds:0} s.");
        }
        catch (JsonException e)
        {
            return (null, $"The worker sent something that is not a message ({e.Message}). The plugin wrote to the host's pipe; it must not.");
        }
        catch (IOException)
        {
            // The worker died before it took its order: the end of the pipe, judged below.
        }

        var exitCode = await worker.ExitCodeAsync(ExitGrace);
        var lastWords = worker.Output.Summary();
        return (null,
            $"The plugin ended the process (exit code {exitCode}). {(lastWords.Length == 0 ? "It printed nothing." : $"It said: {lastWords}")}");
    }
}
