namespace Titer.EndToEnd.Tests;

/// <summary>What ended as error or timeout, or was set aside, can be played again, and nothing else is.</summary>
public sealed class RetryTests
{
    [SampledFact]
    public async Task A_plugin_that_failed_for_want_of_a_file_gets_its_row_when_the_file_is_there()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "needed.txt");
        folder.WriteTournament("t.yaml",
            "name: t\nseeds: [1]\nbudget: { attack: { steps: 2 }, defense: { steps: 3 } }\ndefenses: [{ id: needs_file, set: { file: "
                + $"'{file}' }} }}, throws_in_method, safety_sft]\nattacks: [no_weight_modification]\n");
        string[] run = ["run", "t.yaml", "--plugins", Zoo.Fixtures, "--sandbox", "off"];

        var failed = await TiterProcess.RunAsync(folder.Path, run);

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("2 phases ended as error or timeout. 'titer run --retry'", failed.Output, StringComparison.Ordinal);
        var traces = await TiterProcess.RunAsync(folder.Path, "report", "results/t", "--traces");
        Assert.Contains("NeedyDefense.cs:line", traces.Output, StringComparison.Ordinal);
        Assert.Contains("FileNotFoundException", traces.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "made up", TestContext.Current.CancellationToken);
        var plain = await TiterProcess.RunAsync(folder.Path, run);
        Assert.Contains("; 0 of ", plain.Output, StringComparison.Ordinal);
        var retried = await TiterProcess.RunAsync(folder.Path, [.. run, "--retry", "needs_file"]);

        Assert.Equal(1, retried.ExitCode);
        Assert.DoesNotContain("defend throws_in_method", retried.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("safety_sft seed", retried.Output, StringComparison.Ordinal);
        var board = Leaderboard.Read(Path.Combine(folder.Path, "results", "t"));
        Assert.Equal("done", (string)board.Row("needs_file")["status"]!);
        Assert.Equal("error", (string)board.Row("throws_in_method")["status"]!);
    }

    [SampledFact]
    public async Task A_build_that_was_set_aside_is_played_again()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml",
            "name: t\nseeds: [1, 2, 3]\nbudget: { attack: { steps: 2 }, defense: { steps: 3 } }\ndefenses: [fails_fast]\nattacks: "
                + "[no_weight_modification]\n");
        string[] run = ["run", "t.yaml", "--plugins", Zoo.Fixtures];
        Assert.Equal(1, (await TiterProcess.RunAsync(folder.Path, run)).ExitCode);
        Assert.Contains("fails_fast", (await TiterProcess.RunAsync(folder.Path, "plugin", "quarantine", "list")).Output, StringComparison.Ordinal);

        var retried = await TiterProcess.RunAsync(folder.Path, [.. run, "--retry"]);

        Assert.Contains("defend fails_fast", retried.Output, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task A_home_that_cannot_be_written_sets_a_build_aside_for_the_run_and_says_so()
    {
        using var folder = new TestFolder();
        folder.Write("f", "");
        folder.WriteTournament("t.yaml",
            "name: t\nseeds: [1, 2, 3]\nbudget: { attack: { steps: 2 }, defense: { steps: 3 } }\ndefenses: [fails_fast, safety_sft]\nattacks: "
                + "[no_weight_modification]\n");

        var outcome = await TiterProcess.RunAsync(folder.Path,
            new Dictionary<string, string> { ["TITER_HOME"] = Path.Combine(folder.Path, "f", "x") }, "run", "t.yaml", "--plugins", Zoo.Fixtures);

        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
        Assert.Contains("TITER223", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("done", (string)Leaderboard.Read(Path.Combine(folder.Path, "results", "t")).Row("safety_sft")["status"]!);
    }
}
