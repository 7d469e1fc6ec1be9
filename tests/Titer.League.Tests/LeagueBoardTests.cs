using Titer.League.Configuration;
using Titer.League.Play;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.League.Tests;

public sealed class LeagueBoardTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("titer-league-").FullName;

    [Theory]
    [InlineData("prune", true)]
    [InlineData("finetune", true)]
    [InlineData("something_else", false)]
    public async Task A_league_rests_when_all_that_is_left_is_of_a_build_that_was_set_aside(string aside, bool rests)
    {
        var two = Some.Attack("finetune") with { Id = "finetune -> prune", Label = "two", Then = Some.Attack("prune") };
        var spec = Some.Spec(["holds"]) with { Attacks = [Some.Attack("no_weight_modification", harmful: false), two] };
        var plan = TournamentPlan.From(spec);
        var results = plan.Phases.Where(p => p.Attack?.Label != "two")
            .ToDictionary(p => p.Id, p => Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()));
        using var folder = RunFolder.Open(Path.Combine(_root, "results"));
        var ledger = LeagueLedger.Open(folder.Path, "spring", TimeProvider.System);
        var board = Board(folder, ledger, spec);

        board.Planned(spec, plan, results);
        board.SetAside(new QuarantineEntry(aside, $"hash-of-{aside}", "It crashed.", DateTimeOffset.UnixEpoch));
        await board.FoldAsync();

        Assert.Equal(rests ? LeagueActivity.Idle : LeagueActivity.Playing, ledger.Document.Activity);
    }

    [Fact]
    public async Task A_league_says_what_it_plays_next_and_which_rows_are_settled()
    {
        var spec = Some.Spec("hopeless", "hopeful");
        var plan = TournamentPlan.From(spec);
        var results = plan.Phases.Where(p => p.Seed == 1 || p.Defense.Id == "no_defense").ToDictionary(p => p.Id, p =>
            p is { Kind: PhaseKind.Assess, Defense.Id: "hopeless" } ? Some.Assessment(p, utility: 0.4)
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()));
        using var folder = RunFolder.Open(Path.Combine(_root, "results"));
        var ledger = LeagueLedger.Open(folder.Path, "spring", TimeProvider.System);
        var board = Board(folder, ledger, spec);

        board.Planned(spec, plan, results);
        await board.FoldAsync();

        Assert.Equal(["hopeless"], ledger.Document.Settled);
        Assert.Equal(["defend hopeful seed 2", "assess hopeful seed 2"], ledger.Document.Next.Take(2));
        Assert.All(ledger.Document.Next, title => Assert.DoesNotContain("hopeless", title, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_league_that_waits_for_a_machine_to_recover_is_drained_at_once()
    {
        using var drain = new CancellationTokenSource();
        var pause = LeagueService.PauseAsync(new StoppedClock(), new StopSignals(drain.Token, CancellationToken.None));
        Assert.False(pause.IsCompleted);

        await drain.CancelAsync();

        await pause.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private LeagueBoard Board(RunFolder folder, LeagueLedger ledger, TournamentSpec spec)
    {
        var host = new LeagueHost
        {
            Version = "1", BundledPlugins = _root, WorkerDll = "", Protection = WorkerProtection.Detect(SandboxMode.Off),
            Key = ResultKey.OfThisProcess(), Quarantine = Quarantine.Empty, Device = "cpu", Say = _ => { },
        };
        var file = LeagueFileReader.Parse(Path.Combine(_root, "league.yaml"), "attacks: []");
        var log = new LeagueLog(folder.Path, host.Clock, host.Say);
        var assets = new RunAssets
        {
            Scenario = Scenario.Open("apothecary"), DefenseFolders = new Dictionary<string, string>(),
            AttackFolders = new Dictionary<string, string>(),
        };
        var tournament = new ResolvedTournament(spec, assets, file.Tournament, PluginCatalog.Scan(Array.Empty<PluginSource>()));
        return new LeagueBoard(folder, ledger, log, new SupersededRows(new LeagueField(file, host, folder, new PluginGate()), folder),
            new RestingOpinions(host, folder, tournament, log), host.Clock);
    }

    /// <summary>Nothing that waits on it comes to an end.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
