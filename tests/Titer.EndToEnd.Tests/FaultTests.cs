namespace Titer.EndToEnd.Tests;

/// <summary>What a plugin does wrong becomes its cells' status with a reason; everything else is played.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Misbehaving_plugins_are_marked_and_the_others_finish()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", """
            name: faults
            seeds: [1]
            budget: { attack: { steps: 2 }, defense: { steps: 3, seconds: 2 } }
            defenses: [noise_weights, nan_weights, throws_in_method, throws_in_constructor, loops_forever, exits_process, overspends_steps, safety_sft]
            attacks: [full_parameter_finetune, undeclared_data]
            """);

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", FixtureFolder());

        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        var board = Leaderboard.Read(Path.Combine(folder.Path, "results", "faults"));
        AssertMarked(board, "nan_weights", "invalid", "TITER205");
        AssertMarked(board, "throws_in_method", "error", "TITER201");
        AssertMarked(board, "throws_in_constructor", "error", "TITER201");
        AssertMarked(board, "loops_forever", "timeout", "TITER203");
        AssertMarked(board, "exits_process", "error", "TITER204");
        AssertMarked(board, "overspends_steps", "error", "TITER202");

        // Sound defenses first, then the one that destroyed the model, then those that failed.
        Assert.Equal(["no_defense", "safety_sft"], board.Order.Take(2).Order(StringComparer.Ordinal));
        Assert.Equal("noise_weights", board.Order[2]);
        Assert.Equal("wrecked", (string)board.Row("noise_weights")["status"]!);
        Assert.All(board.Cells("safety_sft").Where(c => (string)c["attack"]! != "undeclared_data"), c => Assert.Equal("done", (string)c["status"]!));
        var undeclared = board.Cell("safety_sft", "undeclared_data", "none");
        Assert.Equal("error", (string)undeclared["status"]!);
        Assert.Contains("TITER302", (string)undeclared["reason"]!, StringComparison.Ordinal);
    }

    private static void AssertMarked(Leaderboard board, string defense, string status, string code)
    {
        var row = board.Row(defense);
        Assert.Equal((status, code), ((string)row["status"]!, (string)row["code"]!));
        Assert.StartsWith("seed 1: ", (string)row["reason"]!, StringComparison.Ordinal);
        Assert.All(board.Cells(defense), c => Assert.Equal(status, (string)c["status"]!));
    }

    private static string FixtureFolder() => Path.Combine(
        TiterProcess.Repository, "artifacts", "fixtures", new DirectoryInfo(AppContext.BaseDirectory).Name.Split('_')[0]);
}
