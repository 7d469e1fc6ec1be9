using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.EndToEnd.Tests;

/// <summary>A small tournament in real workers, with the results of its phases, and a choice of which plugins count as the host's own.</summary>
/// <param name="Processes">That were started.</param>
internal sealed record PlayedPhases(IReadOnlyCollection<PhaseResult> Results, int Processes)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);

    public static string BundledFolder { get; } = Path.Combine(TiterProcess.CommandLineFolder, "plugins");

    /// <param name="fixtures">Folders of tests/Fixtures that are plugins of it.</param>
    /// <param name="isOwn">Whether a plugin counts as the host's own.</param>
    public static async Task<PlayedPhases> OfAsync(
        TestFolder folder, string tournament, string[] fixtures, Func<InstalledPlugin, bool> isOwn, SandboxMode sandbox = SandboxMode.Auto)
    {
        var file = folder.WriteTournament("t.yaml", tournament);
        var catalog = PluginCatalog.Scan([BundledFolder, .. fixtures.Select(name => Path.Combine(Zoo.Fixtures, name))]);
        var resolved = new TournamentResolver(TournamentFileReader.Read(file), catalog, Quarantine.Empty, "test").Resolve(new RunOverrides());
        var assets = resolved.Assets with { BundledHashes = catalog.Plugins.Values.Where(isOwn).Select(p => p.Manifest.ContentHash).ToHashSet() };
        using var run = RunFolder.Open(Path.Combine(folder.Path, Guid.NewGuid().ToString("N")));
        var program = Path.Combine(TiterProcess.CommandLineFolder, "worker", "Titer.Worker.dll");
        await using var workers = new WorkerExecutor(program, WorkerProtection.Detect(sandbox), run.Path);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        var runner = new TournamentRunner(workers, run, assets.PinnedIn(run, resolved.Spec), Quarantine.Empty, lanes: 1);
        var outcome = await runner.PlayAsync(resolved.Spec, TournamentPlan.From(resolved.Spec), new Silent(), deadline.Token, deadline.Token);
        Assert.Empty(outcome.Faults);
        return new PlayedPhases([.. outcome.Results.Values], workers.ProcessesStarted);
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
