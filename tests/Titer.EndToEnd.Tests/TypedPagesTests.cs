using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// What the pages of the documentation tell to type, typed. Pages that need more than the built
/// <c>titer</c> are typed where that is: the ten minutes
/// and the pages of plugins by <see cref="InstallTests"/>, Slurm by <see cref="SlurmTests"/>, a real checkpoint by <see cref="OwnModelTests"/>.
/// </summary>
public sealed class TypedPagesTests
{
    [Fact]
    public void A_page_that_tells_to_type_something_is_one_that_a_test_types()
    {
        var pages = Directory.GetFiles(Path.Combine(TiterProcess.Repository, "src", "docs"), "*.md").Select(f => Path.GetFileName(f)!)
            .Where(page => new TypedPage(page).Blocks("sh").Length > 0).Order(StringComparer.Ordinal);
        Assert.Equal(["install.md", "league.md", "real-checkpoint.md", "slurm.md", "suspicious-board.md", "ten-minutes.md", "write-a-defense.md",
            "write-a-metric.md", "write-an-attack.md"], pages);
    }

    [SampledFact]
    public async Task The_page_of_the_league_is_typed_and_what_is_dropped_is_a_row()
    {
        var page = new TypedPage("league.md", ("seeds: [1, 2, 3]", "seeds: [1]"), ("steps: 150", "steps: 2"), ("steps: 300", "steps: 3"),
            ("[vaccine, safety_sft]", "[safety_sft]"), (", lora_finetune]", "]"));
        using var league = new LeagueOnDisk(page.Blocks("yaml")[0], name: "spring");
        LeagueOnDisk.Compile(Path.Combine(league.Parent, "my_defense"), "my_defense", 0.99);

        await page.TypeAsync(league.Parent, 0);
        var schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(league.Folder, "league.schema.json"),
            TestContext.Current.CancellationToken))!;
        Assert.NotNull(schema["properties"]!["watch"]);
        league.Serve(league.Parent, page.Blocks("sh")[1].Trim().Split(' ')[1..]);
        await league.UntilAsync(() => (string?)league.Document()?["activity"] == "idle");
        await page.TypeAsync(league.Parent, 2);
        await league.UntilAsync(() => league.Entries().Any(e => e.StartsWith("my_defense ", StringComparison.Ordinal))
            && (string?)league.Document()?["activity"] == "idle");

        var seen = await page.TypeAsync(league.Parent, 3);
        Assert.True(await league.StopAsync() == 0, league.Said);
        Assert.StartsWith("spring: ", seen[(seen.IndexOf('\n', StringComparison.Ordinal) + 1)..], StringComparison.Ordinal);
        Assert.Equal("done", (string)Leaderboard.Read(league.Results).Row("my_defense")["status"]!);
    }

    [SampledFact]
    public async Task The_page_of_suspicious_boards_is_typed_on_a_board_of_this_machine()
    {
        var script = Path.Combine("tests", "Titer.Tournament.Tests", "Recompute", "recompute.py");
        var page = new TypedPage("suspicious-board.md", (script, Path.Combine(TiterProcess.Repository, script)));
        using var folder = new TestFolder();
        folder.Write("t.yaml", """
            name: t
            seeds: [1]
            budget: { attack: { steps: 2 }, defense: { steps: 2 } }
            defenses: [safety_sft]
            attacks: [full_parameter_finetune]
            """);
        var theirs = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--out", "results/theirs");
        Assert.True(theirs.ExitCode == 0, theirs.Output + theirs.Error);

        await page.TypeAsync(folder.Path, 0);

        Assert.Equal(Leaderboard.Read(Path.Combine(folder.Path, "results", "theirs")).WithoutTimings(),
            Leaderboard.Read(Path.Combine(folder.Path, "results", "mine")).WithoutTimings());
    }

    [Fact]
    public async Task The_page_of_the_installation_makes_a_schema_for_editors()
    {
        using var folder = new TestFolder();
        await new TypedPage("install.md").TypeAsync(folder.Path, 0);
        var schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "tournament.schema.json"),
            TestContext.Current.CancellationToken))!;
        Assert.NotNull(schema["properties"]!["defenses"]);
    }
}
