using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>A phase that another plugin starved is not that phase's fault.</summary>
[Collection(Sleepers.Name)]
public sealed class NeighborTests
{
    [SampledFact]
    public async Task A_phase_that_waits_for_a_processor_is_not_charged_for_it()
    {
        using var folder = new TestFolder();
        // Alone it takes a second or two; beside twenty-four busy processes many times that.
        folder.WriteTournament("t.yaml", """
            name: t
            seeds: [1]
            budget: { attack: { steps: 1 }, defense: { steps: 40, seconds: 8 } }
            defenses: [{ id: starves_neighbors, set: { greed: processor, seconds: 5 } }, safety_sft, { id: sleeps_long, set: { seconds: 4 } }]
            attacks: []
            """);

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Zoo.Fixtures, "--lanes", "3");

        var phases = Phases(folder);
        Assert.All(phases.Where(p => (string)p["defense"]! is "safety_sft" or "sleeps_long"),
            p => Assert.True((string)p["status"]! == "done", p.ToJsonString() + outcome.Output));
    }

    [SampledFact]
    public async Task A_phase_that_finds_the_disk_full_of_another_plugins_files_is_played_again()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", """
            name: t
            seeds: [1]
            budget: { attack: { steps: 1 }, defense: { steps: 40, seconds: 30 } }
            defenses: [{ id: starves_neighbors, set: { greed: disk, seconds: 6 } }, safety_sft]
            attacks: []
            """);

        var outcome = await MachineFaultTests.ShellAsync(folder,
            $"mkdir s && mount -t tmpfs -o size=48m none s && TMPDIR=$PWD/s exec dotnet exec {TiterProcess.CommandLineDll} run t.yaml "
                + $"--plugins {Zoo.Fixtures} --lanes 2 --fresh-workers");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        Assert.All(Phases(folder), p => Assert.Equal("done", (string)p["status"]!));
    }

    private static JsonNode[] Phases(TestFolder folder) =>
        [.. Leaderboard.Phases(Path.Combine(folder.Path, "results", "t"))];
}
