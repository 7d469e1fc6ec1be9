using System.Collections.Concurrent;
using System.Diagnostics;
using Titer.Benchmarks.Scale;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Runtime.Tests.Tournaments;

/// <summary>A thousand workers that die at random lose no phase and finish none twice.</summary>
public sealed class SimulatedClusterTests : IDisposable
{
    private const int Workers = 1000;
    private const int Seed = 20261126;
    private static readonly PhaseResultReader Reader = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task A_thousand_workers_with_random_failures_lose_no_phase_and_do_none_twice() =>
        PlayAsync(SyntheticTournament.Of(6 * 3120) with { AttackSeeds = 1 });

    [Fact(Explicit = true)]
    public Task A_thousand_workers_play_twenty_five_thousand_phases() => PlayAsync(SyntheticTournament.Of(25_000));

    private async Task PlayAsync(TournamentSpec spec)
    {
        var key = ResultKey.OfThisProcess();
        var finished = new ConcurrentDictionary<string, int>();
        var (runs, cluster, started) = (0, (SimulatedCluster?)null, Stopwatch.StartNew());
        var (deaths, tries, most) = (0, 0, 0);
        RunOutcome outcome;
        do
        {
            // What the machine failed twice is left to the next run, as 'titer run' again would.
            Assert.True(++runs <= 10, "It does not come to an end.");
            using var folder = RunFolder.Open(_folder, key);
            var runner = new TournamentRunner((_, _) => cluster = new SimulatedCluster(_folder, key, Workers, Seed + runs), folder,
                Assets, Quarantine.Empty);
            var (left, stored) = new ResultStore(folder).Load(spec);
            outcome = await runner.PlayAsync(spec, left, new Counted(finished), CancellationToken.None, CancellationToken.None, stored);
            (deaths, tries, most) = (deaths + cluster!.Deaths, tries + cluster.Tries, Math.Max(most, cluster.MostPlaying));
        }
        while (outcome.Faults.Count > 0);

        using var read = RunFolder.OpenToRead(_folder, key);
        var store = new ResultStore(read);
        var (plan, results) = store.Load(spec);
        TestContext.Current.SendDiagnosticMessage("{0} phases, {1} tries, {2} deaths, {3} workers at the same time, {4} runs, {5:0.0} s",
            plan.Phases.Count, tries, deaths, most, runs, started.Elapsed.TotalSeconds);
        Assert.Empty(PhaseQueue.Missing(plan, results));
        Assert.Empty(store.Notices);
        Assert.False(Directory.Exists(Path.Combine(_folder, "set-aside")));
        Assert.All(finished, f => Assert.Equal(1, f.Value));
        Assert.Equal(plan.Phases.Select(p => p.Id).Order(), read.StoredPhases().Order());
        Assert.True(deaths > 0 && tries > plan.Phases.Count);
        Assert.Equal(Board(spec, plan, plan.Phases.ToDictionary(p => p.Id, AsStored)), Board(spec, plan, results));
    }

    private static PhaseResult AsStored(Phase phase) => PhaseFile.Parse(PhaseFile.Text(SimulatedCluster.Play(phase)), Reader);

    /// <summary>The board without what a clock said.</summary>
    private static string Board(TournamentSpec spec, TournamentPlan plan, Dictionary<string, PhaseResult> results) =>
        TournamentJson.Serialize(LeaderboardDocument.From(TournamentFold.Report(spec, plan,
            results.ToDictionary(r => r.Key, r => r.Value with { WallSeconds = 1 }))));

    private static RunAssets Assets { get; } = new()
    {
        Scenario = null!, DefenseFolders = new Dictionary<string, string>(), AttackFolders = new Dictionary<string, string>(),
    };

    private sealed class Counted(ConcurrentDictionary<string, int> finished) : IRunObserver
    {
        public void Started(Phase phase)
        {
        }

        public void Progressed(Phase phase, PhaseProgress progress)
        {
        }

        public void Finished(Phase phase, PhaseResult result) => finished.AddOrUpdate(phase.Id, 1, (_, times) => times + 1);
    }
}
