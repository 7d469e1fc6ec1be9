using System.Diagnostics;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Benchmarks;

/// <summary>
/// What it costs that no number is measured where a stranger's code ran: each attack is played by a player and a measurer, and by one process that
/// does both, in turns.
/// </summary>
internal static class BoundaryBenchmarks
{
    private const int Steps = 24;
    private const double MostOverhead = 1.3;

    /// <summary>From the first line of the plugin to the phase's result, while no other process starts.</summary>
    public static BenchmarkResult StartApart() =>
        Measure("boundary", "short cut / boundary, from the plugin's first line on", t => t.Own, 1 / MostOverhead, startsAhead: false);

    /// <summary>The whole phase, with a player that was started before it.</summary>
    public static BenchmarkResult Whole() =>
        Measure("boundary, whole", "short cut / boundary, the whole phase", t => t.All, demand: null, startsAhead: true);

    private static BenchmarkResult Measure(string name, string what, Func<Timing, double> seconds, double? demand, bool startsAhead)
    {
        var plugins = Path.Combine(HostBenchmarks.Tools, "plugins");
        var catalog = PluginCatalog.Scan([plugins]);
        var file = TournamentFile.Default;
        var tournament = new TournamentResolver(file, catalog, Quarantine.Empty, "benchmark")
            .Resolve(new RunOverrides { Only = [HostBenchmarks.Attack], Seeds = [.. Enumerable.Range(1, 8)], Full = true });
        var spec = tournament.Spec with { AttackLimits = tournament.Spec.AttackLimits with { Steps = Steps } };
        var assets = tournament.Assets with { BundledHashes = catalog.HashesIn(plugins) };
        var folder = Directory.CreateTempSubdirectory("titer-benchmark-").FullName;
        var protection = WorkerProtection.Detect(SandboxMode.Auto);
        try
        {
            using var run = RunFolder.Open(folder);
            var both = new Paired(new WorkerExecutor(HostBenchmarks.Worker, protection, run.Path),
                new WorkerExecutor(HostBenchmarks.Worker, protection, run.Path, startsAhead));
            new TournamentRunner(both, run, assets.PinnedIn(run, spec), Quarantine.Empty, lanes: 1)
                .PlayAsync(spec, TournamentPlan.From(spec), new Silent(), CancellationToken.None, CancellationToken.None).GetAwaiter().GetResult();
            both.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return both.Result(name, what, seconds, demand);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Seconds of a phase, and of it those since the plugin's first line.</summary>
    private sealed record Timing(double All, double Own);

    /// <summary>Plays attacks both ways, and everything else one way.</summary>
    private sealed class Paired(WorkerExecutor inside, WorkerExecutor apart) : IPhaseExecutor, IAsyncDisposable
    {
        /// <summary>They load and compile what the others find ready.</summary>
        private const int NotCounted = 2;

        private readonly List<(Timing Inside, Timing Apart)> _pairs = [];

        public async Task<PhaseResult> ExecuteAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort)
        {
            if (order.Phase.Attack?.Id != HostBenchmarks.Attack) return await inside.ExecuteAsync(order, events, abort);
            // Who goes first alternates.
            var (first, second) = _pairs.Count % 2 == 0 ? (inside, apart) : (apart, inside);
            var (_, one) = await TimedAsync(first, order, events, abort);
            StubbornFolder.Empty(order.ScratchFolder);
            var (result, two) = await TimedAsync(second, order, events, abort);
            _pairs.Add(first == inside ? (one, two) : (two, one));
            return result;
        }

        public async ValueTask DisposeAsync()
        {
            await inside.DisposeAsync();
            await apart.DisposeAsync();
        }

        public BenchmarkResult Result(string name, string what, Func<Timing, double> seconds, double? demand)
        {
            var pairs = _pairs.Skip(NotCounted).Select(p => (Inside: 1000 * seconds(p.Inside), Apart: 1000 * seconds(p.Apart))).ToArray();
            var ratios = pairs.Select(p => p.Inside / p.Apart).Order().ToArray();
            return new BenchmarkResult(name, what, PairedRatio.Median(pairs.Select(p => p.Inside)), PairedRatio.Median(pairs.Select(p => p.Apart)),
                PairedRatio.Median(ratios), ratios[ratios.Length / 4], ratios[ratios.Length * 3 / 4], ratios.Length, demand);
        }

        private async Task<(PhaseResult Result, Timing Timing)> TimedAsync(
            WorkerExecutor executor, PhaseOrder order, IPhaseEvents events, CancellationToken abort)
        {
            var started = Stopwatch.GetTimestamp();
            var seen = new FirstLine(events);
            var result = await executor.ExecuteAsync(order with { RunsOnlyHostCode = executor == inside }, seen, abort);
            if (result.Status != PhaseStatus.Done) throw new InvalidOperationException($"{result.Code} {result.Reason}");
            return (result, new Timing(Stopwatch.GetElapsedTime(started).TotalSeconds, Stopwatch.GetElapsedTime(seen.At).TotalSeconds));
        }
    }

    /// <summary>When the plugin's code began.</summary>
    private sealed class FirstLine(IPhaseEvents events) : IPhaseEvents
    {
        public long At { get; private set; }

        public void Report(PhaseProgress progress)
        {
            if (At == 0 && progress.Stage == PhaseStage.Playing) At = Stopwatch.GetTimestamp();
            events.Report(progress);
        }

        public void Log(PhaseLogLine line) => events.Log(line);
    }

    private sealed class Silent : IRunObserver
    {
        public void Started(Phase phase)
        {
        }

        public void Progressed(Phase phase, PhaseProgress progress)
        {
        }

        public void Finished(Phase phase, PhaseResult result)
        {
        }
    }
}
