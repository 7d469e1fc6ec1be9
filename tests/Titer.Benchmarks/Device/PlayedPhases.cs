using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Tournament;

namespace Titer.Benchmarks.Device;

/// <summary>
/// A small part of the quick tournament that <c>check</c> left beside the steps' other files, one phase after the other in this process, as a worker
/// plays them that many share.
/// </summary>
internal static class PlayedPhases
{
    /// <summary>A phase's result, and the device's memory in use right after it.</summary>
    public sealed record Played(PhaseResult Result, double UsedMegabytes);

    public static IReadOnlyList<Played> Play(DeviceUnderTest device)
    {
        var catalog = PluginCatalog.Scan([Path.Combine(HostBenchmarks.Tools, "plugins")]);
        var file = TournamentFileReader.Read(Path.Combine(device.Folder, "quick", "tournament.yaml"));
        var tournament = new TournamentResolver(file, catalog, Quarantine.Empty, "check")
            .Resolve(new RunOverrides { Only = ["safety_sft", "full_parameter_finetune"], Seeds = [1], Device = device.Name });
        var assets = tournament.Assets with { BundledHashes = catalog.HashesIn(Path.Combine(HostBenchmarks.Tools, "plugins")) };
        var folder = Directory.CreateTempSubdirectory("titer-check-").FullName;
        try
        {
            using var container = PluginRoot.Create();
            using var run = RunFolder.Open(folder);
            var seen = new Observer(device);
            new TournamentRunner(new InProcessExecutor(new PhasePlayer(new WorkerPhaseHost(container))), run, assets.PinnedIn(run, tournament.Spec),
                Quarantine.Empty, lanes: 1)
                .PlayAsync(tournament.Spec, TournamentPlan.From(tournament.Spec), seen, CancellationToken.None, CancellationToken.None).GetAwaiter()
                .GetResult();
            return seen.Phases;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Observer(DeviceUnderTest device) : IRunObserver
    {
        public List<Played> Phases { get; } = [];

        public void Started(Phase phase)
        {
        }

        public void Progressed(Phase phase, PhaseProgress progress)
        {
        }

        public void Finished(Phase phase, PhaseResult result) => Phases.Add(new Played(result, device.UsedMegabytes()));
    }
}
