namespace Titer.EndToEnd.Tests;

/// <summary>A plugin's way from its folder to the list of plugins and away again, as a user goes it.</summary>
public sealed class PackageTests
{
    private static readonly string GoodDefense = Path.Combine(
        TiterProcess.Repository, "artifacts", "fixtures", new DirectoryInfo(AppContext.BaseDirectory).Name.Split('_')[0], "GoodDefense");

    [SampledFact]
    public async Task A_plugin_is_packed_installed_listed_and_removed()
    {
        using var folder = new TestFolder();

        var packed = await TiterProcess.RunAsync(folder.Path, "plugin", "pack", GoodDefense, "--out", "feed");
        AssertLine("packed good_defense 0.1.0: ", packed);
        Assert.True(File.Exists(Path.Combine(folder.Path, "feed", "GoodDefense.0.1.0.nupkg")));

        var installed = await TiterProcess.RunAsync(folder.Path, "plugin", "install", Path.Combine("feed", "GoodDefense.0.1.0.nupkg"));
        AssertLine("installed good_defense 0.1.0: ", installed);
        var again = await TiterProcess.RunAsync(folder.Path, "plugin", "install", "good_defense", "--source", "feed", "--version", "0.1.0");
        AssertLine("installed good_defense 0.1.0, in place of 0.1.0: ", again);

        var list = await TiterProcess.RunAsync(folder.Path, "list", "defenses");
        Assert.Equal(0, list.ExitCode);
        Assert.Contains("good_defense", list.Output, StringComparison.Ordinal);
        var plan = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate", folder.Write("t.yaml", "defenses: [good_defense]"));
        Assert.True(plan.ExitCode == 0, plan.Error);

        AssertLine("removed good_defense 0.1.0", await TiterProcess.RunAsync(folder.Path, "plugin", "remove", "good_defense"));
        Assert.DoesNotContain("good_defense", (await TiterProcess.RunAsync(folder.Path, "list", "defenses")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [SampledData("TITER170", "install", "missing.nupkg")]
    [SampledData("TITER175", "install", "good_defense", "--source", ".")]
    [SampledData("TITER622", "install", "good_defense", "--source", "")]
    [SampledData("TITER610", "install", "good_defense", "--version", "1.0.0")]
    [SampledData("TITER622", "pack", "")]
    [SampledData("TITER177", "remove", "good_defense")]
    [SampledData("TITER100", "pack", "missing")]
    public async Task What_cannot_be_done_is_one_line_on_stderr(string code, params string[] args)
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, ["plugin", .. args]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith(code, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Trim().Split('\n'));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_plugin_that_comes_with_the_host_cannot_be_installed_over_it()
    {
        using var folder = new TestFolder();
        var bundled = Path.Combine(TiterProcess.Repository, "artifacts", "plugins", Path.GetFileName(Path.GetDirectoryName(GoodDefense))!,
            "Titer.Defenses.Vaccine");
        await TiterProcess.RunAsync(folder.Path, "plugin", "pack", bundled);

        var outcome = await TiterProcess.RunAsync(folder.Path, "plugin", "install", "vaccine", "--source", ".");

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("TITER114", outcome.Error, StringComparison.Ordinal);
    }

    private static void AssertLine(string start, TiterOutcome outcome)
    {
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        Assert.StartsWith(start, outcome.Output, StringComparison.Ordinal);
        Assert.Single(outcome.Output.Trim().Split('\n'));
        Assert.Equal("", outcome.Error);
    }
}
