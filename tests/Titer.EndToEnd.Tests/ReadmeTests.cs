using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>What the README shows works as shown.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task The_plugin_of_the_readme_compiles_and_plays_in_the_tournament_of_the_readme()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(TiterProcess.Repository, "README.md"), TestContext.Current.CancellationToken);
        var code = Block(readme, "csharp");
        Assert.True(code.Split('\n').Length < 40, "The plugin is shown in under 40 lines.");
        using var folder = new TestFolder();
        GuideCompiler.Compile(code, "My.Defense", Directory.CreateDirectory(Path.Combine(folder.Path, "plugins", "My.Defense")).FullName);
        // The README's own file, with budgets for a test.
        var yaml = SeedsLine()
            .Replace(BudgetLine().Replace(Block(readme, "yaml"), "budget: { attack: { steps: 2 }, defense: { steps: 2 } }"), "seeds: [1]");
        folder.Write("mine.yaml", yaml);

        var outcome =
            await TiterProcess.RunAsync(folder.Path, "run", "mine.yaml", "--plugins", "plugins", "--only", "my_defense", "full_parameter_finetune");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        Assert.Equal("done", (string)Leaderboard.Read(Path.Combine(folder.Path, "results", "mine")).Row("my_defense")["status"]!);
        // The picture of the README is that of another tournament: columns, legend and last words are the same.
        var printed = Words(outcome.Output);
        var picture = Picture().Match(readme);
        Assert.True(picture.Success, "The README shows a leaderboard.");
        Assert.All(picture.Groups.Values.Skip(1), part => Assert.Contains(Words(part.Value), printed, StringComparison.Ordinal));
    }

    [Fact]
    public void The_first_two_commands_of_the_readme_are_those_that_ci_calls()
    {
        var readme = File.ReadAllText(Path.Combine(TiterProcess.Repository, "README.md"));
        var ci = File.ReadAllText(Path.Combine(TiterProcess.Repository, ".ci", "run"));
        var commands = CommandBlock().Matches(readme).Select(m => m.Groups[1].Value.Trim()).Take(2).ToArray();

        Assert.Equal(["dotnet run -c Release --project src/Titer.Cli -- run", "dotnet test -c Release"], commands);
        Assert.All(commands, command => Assert.Contains(command, ci, StringComparison.Ordinal));
    }

    private static string Block(string readme, string language) =>
        Regex.Match(readme, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    private static string Words(string text) => string.Join(' ', text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The columns, the legend, and what is in the folder.</summary>
    [GeneratedRegex(@"(# +defense[^\n]+)\n─.*?\n\n(\+ pass.*?)\n\.\.\..*?Results: \S+ (.*?)```", RegexOptions.Singleline)]
    private static partial Regex Picture();

    [GeneratedRegex(@"```\n(dotnet .*?)```", RegexOptions.Singleline)]
    private static partial Regex CommandBlock();

    [GeneratedRegex("^budget:.*$", RegexOptions.Multiline)]
    private static partial Regex BudgetLine();

    [GeneratedRegex("^seeds:.*$", RegexOptions.Multiline)]
    private static partial Regex SeedsLine();
}
