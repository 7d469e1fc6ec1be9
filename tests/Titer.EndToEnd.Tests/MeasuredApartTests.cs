using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>The host's own plugins may be measured where they play. The board must not tell whether they were.</summary>
public sealed class MeasuredApartTests
{
    private const string Sample = """
        name: t
        seeds: [1]
        budget: { attack: { steps: 6 }, defense: { steps: 4 } }
        defenses: [safety_sft]
        attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }, { id: no_weight_modification, set: { prefill: true } }]

        """;

    [SampledFact]
    public async Task The_short_cut_and_the_boundary_give_the_same_leaderboard_to_the_bit()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Sample);

        await PlayBothWaysAsync(folder, "t.yaml");
    }

    [Fact(Explicit = true)]
    public async Task The_short_cut_and_the_boundary_give_the_same_leaderboard_of_the_whole_default_tournament()
    {
        using var folder = new TestFolder();

        await PlayBothWaysAsync(folder);
    }

    private static async Task PlayBothWaysAsync(TestFolder folder, params string[] file)
    {
        var (inside, apart) = (Path.Combine(folder.Path, "inside"), Path.Combine(folder.Path, "apart"));

        var first = await TiterProcess.RunAsync(folder.Path, TimeSpan.FromMinutes(60), ["run", .. file, "--out", inside]);
        var second = await TiterProcess.RunAsync(folder.Path, TimeSpan.FromMinutes(60), ["run", .. file, "--out", apart, "--measure-apart"]);

        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        Assert.True(second.ExitCode == 0, second.Output + second.Error);
        Assert.Equal(Leaderboard.Read(inside).WithoutTimings(), Leaderboard.Read(apart).WithoutTimings());
        // The supervisor sees what a player alone computes.
        Assert.All(Played(inside), p => Assert.Null(p["processor_seconds"]));
        Assert.All(Played(apart), p => Assert.True((double)p["processor_seconds"]! > 0, p.ToJsonString()));
    }

    /// <summary>Phases in which a plugin ran.</summary>
    private static JsonNode[] Played(string results) =>
    [
        .. Leaderboard.Phases(results)
            .Where(p => (string)p["kind"]! != "assess"),
    ];
}
