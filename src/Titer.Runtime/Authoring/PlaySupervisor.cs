using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;

namespace Titer.Runtime.Authoring;

/// <summary>Shows what a play worker does. Called from one thread at a time.</summary>
internal interface IPlayScreen
{
    /// <summary>A message of the worker.</summary>
    void Show(WireMessage message);

    /// <summary>The worker's process ended; a fresh one takes its place.</summary>
    void Died(string reason);
}

/// <summary>
/// The author's loop, seen from outside: starts a play worker, shows what it says, ends it when the plugin overruns, and starts a fresh one
/// when the plugin took it down. The build that did so waits for its correction.
/// </summary>
internal sealed class PlaySupervisor(string workerDll, IPlayScreen screen)
{
    private const int MostDeathsWithoutBuild = 3;
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(5);

    private PlayOrder _order = null!;
    private bool _matchIsOn;
    private int _deaths;

    /// <summary>Runs until cancelled, or until that many matches were played.</summary>
    /// <exception cref="WorkerRefusalException">The scenario is refused.</exception>
    /// <exception cref="WorkerStartException">Workers die before they load anything.</exception>
    public async Task RunAsync(PlayOrder order, int? matches, CancellationToken stop)
    {
        _order = order;
        var left = matches ?? int.MaxValue;
        while (left > 0 && !stop.IsCancellationRequested)
        {
            using var scratch = ScratchFolder.Create();
            await using var worker = await WorkerProcess.StartAsync(
                new WorkerCommand { WorkerDll = workerDll, ScratchFolder = scratch.Path, Protection = WorkerProtection.None }, stop);
            left = await ListenAsync(worker, left, stop);
        }
    }

    private async Task<int> ListenAsync(WorkerProcess worker, int left, CancellationToken stop)
    {
        using var clock = new PlayClock();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, clock.Expired);
        _matchIsOn = false;
        try
        {
            worker.Pipe.Write(new PlayMessage(_order));
            while (await worker.Pipe.ReadAsync(end.Token) is { } message)
            {
                if (message is RefusalMessage refusal) throw new WorkerRefusalException(refusal.Text);
                Follow(message, clock);
                screen.Show(message);
                if (message is MatchEndMessage { Completed: true } or MatchEndMessage { Problem: not null } && --left == 0) return 0;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (OperationCanceledException)
        {
            screen.Died("The plugin ran over its seconds without an end. A fresh process waits for the next build.");
            return left;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // Judged by its exit code, as every other end of the pipe.
        }

        var exitCode = await worker.ExitCodeAsync(ExitGrace);
        screen.Died(exitCode == PlayOrder.StuckExitCode
            ? "The build before did not stop for the new one. A fresh process plays it."
            : $"The plugin ended the process (exit code {exitCode}): {worker.Output.Summary()} A fresh process waits for the next build.");
        // Stuck: the new build is innocent. Otherwise the one that played is to blame.
        if (exitCode == PlayOrder.StuckExitCode) _order = _order with { SkipContentHash = null };
        if (!_matchIsOn && ++_deaths >= MostDeathsWithoutBuild)
            throw new WorkerStartException($"The play worker keeps ending before it plays: {worker.Output.Summary()} Run 'titer doctor'.");
        return left;
    }

    private void Follow(WireMessage message, PlayClock clock)
    {
        switch (message)
        {
            case BuildMessage build:
                _order = _order with { SkipContentHash = build.ContentHash, BuildsBefore = build.Number };
                break;
            case MatchMessage match:
                (_matchIsOn, _deaths) = (true, 0);
                clock.Begin(match.Spec);
                break;
            case PhaseMessage { Phase: var phase }:
                clock.Enter(phase);
                break;
            case ProgressMessage { Progress: var progress }:
                clock.Enter(progress.Stage);
                break;
            case ResultMessage or MatchEndMessage:
                clock.Enter(PhaseStage.Loading);
                break;
        }
    }
}
