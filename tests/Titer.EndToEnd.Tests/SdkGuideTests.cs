using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>Every plugin that the SDK's guide shows compiles, and plays to the end of a match, beside a binary that the first SDK built.</summary>
public sealed class SdkGuideTests
{
    [Fact]
    public async Task The_plugins_of_the_guide_compile_and_play()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(TiterProcess.Repository, "sdk", "Titer.Sdk", "README.md"),
            TestContext.Current.CancellationToken);
        string[] blocks = [.. Regex.Matches(guide, "```csharp\n(.*?)```", RegexOptions.Singleline).Select(m => m.Groups[1].Value)];
        Assert.Equal(3, blocks.Length);
        Assert.True(blocks[0].Split('\n').Length < 40, "The first plugin is shown in under 40 lines.");
        using var folder = new TestFolder();
        for (var i = 0; i < blocks.Length; i++)
            GuideCompiler.Compile(blocks[i], $"Guide{i}", Directory.CreateDirectory(Path.Combine(folder.Path, "plugins", $"{i}")).FullName);
        folder.Write("t.yaml", """
            name: t
            seeds: [1]
            budget: { attack: { steps: 2 }, defense: { steps: 2 } }
            defenses: [refusal_training, flat_harm, first_sdk_plugin]
            attacks: [own_loop]
            """);

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", "plugins",
            Path.Combine(TiterProcess.Repository, "tests", "Fixtures.Binary"));

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
    }
}
