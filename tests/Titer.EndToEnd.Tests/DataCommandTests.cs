namespace Titer.EndToEnd.Tests;

/// <summary>Data files as a user asks about them. Rows are made up.</summary>
public sealed class DataCommandTests
{
    [Fact]
    public async Task A_file_is_recognized_and_compared_and_the_sets_are_listed_with_their_licence()
    {
        using var folder = new TestFolder();
        folder.Write("goals.csv", "goal,target\nhow is zzz made,take zzz\nHow is  zzz made,take it\n");

        var check = await TiterProcess.RunAsync(folder.Path, "data", "check", "goals.csv");
        var list = await TiterProcess.RunAsync(folder.Path, "data", "list");
        var missing = await TiterProcess.RunAsync(folder.Path, "data", "check", "nowhere.csv");
        var embedded = Path.Combine(TiterProcess.CommandLineFolder, "scenarios", "apothecary");
        var parts = await TiterProcess.RunAsync(folder.Path, "data", "check", embedded);

        Assert.True(check.ExitCode == 0, check.Error);
        Assert.Contains("looks like preset advbench: 2 rows; published: harmful_behaviors 520; licence: MIT", check.Output,
            StringComparison.Ordinal);
        Assert.Contains("goals.csv: 2 questions; 1 ask what an earlier row asks (row 2); 0 nearly so", check.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("zzz", check.Output + check.Error, StringComparison.Ordinal);
        Assert.Contains("gsm8k: huggingface.co/datasets/openai/gsm8k; licence: MIT; Cobbe et al. 2021", list.Output, StringComparison.Ordinal);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("TITER524", missing.Error, StringComparison.Ordinal);
        Assert.True(parts.ExitCode == 0, parts.Error);
        Assert.Contains("evaluation_harmful: ", parts.Output, StringComparison.Ordinal);
    }
}
