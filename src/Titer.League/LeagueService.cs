using Microsoft.Extensions.Hosting;
using Titer.League.Catalog;
using Titer.League.Play;
using Titer.League.Standing;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.League;

/// <summary>
/// Plays a league until it is stopped: follows the drops, plays what they call for, keeps the board. A fault of the machine is waited out: nothing
/// is stored for it, and what it cost is played when the machine has recovered.
/// </summary>
internal sealed class LeagueService(OpenLeague league, StopSignals stops, IHostApplicationLifetime lifetime) : BackgroundService
{
    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(30);
    private readonly LeagueBoard _board = league.Board;
    private readonly LeagueLog _log = league.Log;

    /// <summary>Set when the service has ended.</summary>
    public bool IsFaulted { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = new CancellationTokenSource();
        var feed = new RunFeed();
        var notice = new SupervisorNotice(league.Host.Clock);
        using var draining = stops.Drain.Register(() =>
        {
            notice.Stopping();
            _board.Say(LeagueActivity.Draining);
        });
        _log.Write(LeagueEventKind.Opened, league.Opening);
        foreach (var id in league.Field.Awaited(league.Ledger.Document.Entries))
            _log.Write(LeagueEventKind.Noticed, $"{league.File.Path} names '{id}', which is not here: it enters when it is dropped.");
        var current = league.First;
        var catalog = league.Catalog.FollowAsync(changed =>
        {
            Volatile.Write(ref current, changed);
            _board.Use(changed.File);
            feed.Change(changed.Spec, changed.Assets);
        }, stops.Drain);
        var board = _board.KeepAsync(ending.Token);
        var alive = notice.KeepAliveAsync(feed.LookAsync, ending.Token);
        notice.Ready();
        // Whatever ends by a bug ends all of it: the exception comes out of here.
        var play = PlayAsync(() => Volatile.Read(ref current), feed);
        await await Task.WhenAny(play, Failing(catalog), Failing(board), Failing(alive));
        await catalog;
        await ending.CancelAsync();
        await board;
        await alive;
        _board.Say(IsFaulted ? LeagueActivity.Faulted : LeagueActivity.Stopped);
        await _board.FoldAsync();
        _log.Write(LeagueEventKind.Closed, "The league is closed; what is left is played when it is served again.");
        lifetime.StopApplication();
    }

    private async Task PlayAsync(Func<ResolvedTournament> current, RunFeed feed)
    {
        await using var executor = new WorkerExecutor(league.Host.WorkerDll, league.Host.Protection, league.Folder.Path);
        while (!stops.Drain.IsCancellationRequested)
        {
            var tournament = current();
            var store = new ResultStore(league.Folder, tournament.Assets.Scenario);
            var (plan, stored) = store.Load(tournament.Spec);
            foreach (var found in store.Notices) _log.Write(LeagueEventKind.Noticed, found);
            _board.Use(tournament.File);
            _board.Planned(tournament.Spec, plan, stored);
            var runner = new TournamentRunner(executor, league.Folder, tournament.Assets, league.Host.Quarantine, league.LanesOf(tournament.Spec))
            {
                Order = (spec, unordered, results) => FairOrder.Of(spec, unordered, results, league.File.Priorities),
            };
            var outcome = await runner.PlayAsync(tournament.Spec, plan, _board, stops.Drain, stops.Abort, stored, feed);
            foreach (var file in outcome.PutBack)
            {
                _log.Write(LeagueEventKind.Noticed,
                    $"TITER214 {file} was changed by something else while the league played, and was written again.");
            }

            league.Folder.DemandOwn();
            IsFaulted = outcome.Faults.Count > 0;
            if (stops.Drain.IsCancellationRequested) return;
            foreach (var (why, phases) in outcome.Faults)
                _log.Write(LeagueEventKind.Fault, $"{why} ({phases} without a result for it; tried again in {FaultPause.TotalSeconds:0} s.)");
            _board.Say(LeagueActivity.Faulted);
            await PauseAsync(league.Host.Clock, stops);
            if (!stops.Drain.IsCancellationRequested) _board.Say(null);
        }
    }

    /// <summary>Lets the machine recover. Whoever drains the league does not wait for it.</summary>
    internal static Task PauseAsync(TimeProvider clock, StopSignals stops) => Task.Delay(FaultPause, clock, stops.Drain)
        .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    /// <summary>Ends only by an exception.</summary>
    private static async Task Failing(Task task)
    {
        await task;
        await Task.Delay(Timeout.InfiniteTimeSpan);
    }
}

/// <summary>How a league is told to stop: draining lets running phases finish, aborting kills them.</summary>
internal sealed record StopSignals(CancellationToken Drain, CancellationToken Abort);
