using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Runtime.Slurm;
using Titer.Runtime.Tournaments;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Slurm;

/// <summary>Whatever ends the watch over the jobs, nobody waits for it for ever.</summary>
public sealed class SlurmEngineTests : IDisposable
{
    private static readonly TournamentSpec Spec = Some.Spec(["holds"]);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_begins_after_the_watch_has_failed_is_told_so_too()
    {
        using var folder = RunFolder.Open(_folder);
        // Without what hands jobs in the first look is a bug, as any other would be.
        using var engine = new SlurmEngine(new SlurmSettings { PollSeconds = 0.01 }, (null!, null!, null!), (Spec, folder, new ResultStore(folder)),
            _ => { });
        Phase[] phases = [.. TournamentPlan.From(Spec).Phases.Take(2)];

        var first = await PlayAsync(engine, phases[0]);
        var later = await PlayAsync(engine, phases[1]);

        Assert.All([first, later], outcome =>
        {
            Assert.Null(outcome.Result);
            Assert.StartsWith("TITER251 The watch over the jobs failed", outcome.Fault, StringComparison.Ordinal);
        });
    }

    private static Task<PhaseOutcome> PlayAsync(SlurmEngine engine, Phase phase) =>
        engine.PlayAsync(new PhaseRequest(Spec, phase, null, null), _ => { }, CancellationToken.None, CancellationToken.None)
            .WaitAsync(Patience, TestContext.Current.CancellationToken);
}
