namespace Titer.EndToEnd.Tests;

/// <summary>The verbs that play nothing.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Doctor_says_that_a_tournament_can_run()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "doctor");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        Assert.Contains("arithmetic: right", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("plugins: 9 found, 0 refused", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("A tournament can run.", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_shows_options_with_the_defaults_of_the_plugin_without_running_it()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "list", "defenses", "--options");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("repnoise", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("= 0.001", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("lora_finetune", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_shows_every_phase_and_makes_no_folder()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "plan");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("120 phases (15 defend, 90 attack, 15 assess)", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Report_of_a_folder_that_is_no_run_is_one_line()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "report", ".");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("TITER611", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Trim().Split('\n'));
    }
}
