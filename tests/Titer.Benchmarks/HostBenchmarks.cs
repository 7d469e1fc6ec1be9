using System.Diagnostics;
using Titer.Models;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Tournament;
using TorchSharp;

namespace Titer.Benchmarks;

/// <summary>What the host adds to the work that a cell asks of torch.</summary>
internal static class HostBenchmarks
{
    public const string Attack = "full_parameter_finetune";
    private const double StrangersShare = 0.6;

    /// <summary>The command line's folder, of the same build or as TITER_TOOLS names it.</summary>
    public static readonly string Tools = Environment.GetEnvironmentVariable("TITER_TOOLS")
        ?? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Titer.Cli", new DirectoryInfo(AppContext.BaseDirectory).Name));

    public static readonly string Worker = Path.Combine(Tools, "worker", "Titer.Worker.dll");

    /// <summary>
    /// Cells with all that the host does around a plugin (gate, load, metering, scoring, samples,
    /// result file), each followed by the torch work of such
    /// a cell alone, in this process too: the same compiled code, the same allocator. The ratio is
    /// work over cell: 0.95 means that 5% of a cell is the
    /// host's.
    /// </summary>
    public static BenchmarkResult Cell()
    {
        using var container = PluginRoot.Create();
        return Measure("cell", "torch work alone / cell in this process",
            _ => new InProcessExecutor(new PhasePlayer(new WorkerPhaseHost(container))), demand: 0.95);
    }

    /// <summary>The same in worker processes, as a tournament plays it; two processes differ by more
    /// than the host takes, so it is recorded.</summary>
    public static BenchmarkResult SharedCell() => InWorkers("cell, worker", "torch work alone / cell in a shared worker", isShared: true);

    /// <summary>
    /// The same where the attack is a stranger's: behind the walls, in a process of its own that is measured by another one. What isolation costs.
    /// </summary>
    public static BenchmarkResult StrangersCell() => InWorkers("cell, stranger", "torch work alone / cell of a stranger's attack", isShared: false);

    private static BenchmarkResult InWorkers(string name, string what, bool isShared)
    {
        WorkerExecutor? workers = null;
        var result = Measure(name, what,
            run => workers = new WorkerExecutor(Worker, isShared ? WorkerProtection.None : WorkerProtection.Detect(SandboxMode.Auto), run.Path),
            demand: isShared ? null : StrangersShare, isOwn: isShared);
        workers!.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return result;
    }

    private static BenchmarkResult Measure(string name, string what, Func<RunFolder, IPhaseExecutor> executor, double? demand,
        bool isOwn = true)
    {
        var catalog = PluginCatalog.Scan([Path.Combine(Tools, "plugins")]);
        var tournament = new TournamentResolver(TournamentFile.Default, catalog, Quarantine.Empty, "benchmark")
            .Resolve(new RunOverrides { Only = [Attack], Seeds = [.. Enumerable.Range(1, 16)], Full = true });
        var assets = tournament.Assets with { BundledHashes = isOwn ? catalog.HashesIn(Path.Combine(Tools, "plugins")) : new HashSet<string>() };
        var folder = Directory.CreateTempSubdirectory("titer-benchmark-").FullName;
        try
        {
            using var run = RunFolder.Open(folder);
            var pairs = new CellPairs(assets.Scenario, tournament.Spec.AttackLimits.Steps);
            var runner = new TournamentRunner(executor(run), run, assets.PinnedIn(run, tournament.Spec), Quarantine.Empty, lanes: 1);
            runner.PlayAsync(tournament.Spec, TournamentPlan.From(tournament.Spec), pairs, CancellationToken.None, CancellationToken.None)
                .GetAwaiter().GetResult();
            return pairs.Result(name, what, demand);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>After every cell of the attack, the torch work alone: a machine that slows down slows both.</summary>
    private sealed class CellPairs(Scenario scenario, int steps) : IRunObserver
    {
        private readonly ScenarioSession _session = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu"));
        private readonly List<(double Work, double Cell)> _pairs = [];
        private CellWork? _work;

        public void Started(Phase phase)
        {
        }

        public void Progressed(Phase phase, PhaseProgress progress)
        {
        }

        public void Finished(Phase phase, PhaseResult result)
        {
            if (phase.Attack?.Id != Attack) return;
            torch.set_num_threads(1);
            using var model = _session.LoadSubject();
            _work ??= new CellWork(scenario, _session, steps);
            var started = Stopwatch.GetTimestamp();
            _work.Do(model);
            _pairs.Add((Stopwatch.GetElapsedTime(started).TotalMilliseconds, result.WallSeconds * 1000));
        }

        public BenchmarkResult Result(string name, string what, double? demand)
        {
            // The first ones load and compile what the others find ready, on both sides.
            var counted = _pairs.Skip(2).ToArray();
            var ratios = counted.Select(p => p.Work / p.Cell).Order().ToArray();
            return new BenchmarkResult(name, what, PairedRatio.Median(counted.Select(p => p.Work)), PairedRatio.Median(counted.Select(p => p.Cell)),
                PairedRatio.Median(ratios), ratios[ratios.Length / 4], ratios[ratios.Length * 3 / 4], ratios.Length, demand);
        }
    }
}
