using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>Every plugin that the SDK's guide shows compiles, and plays to the end of a match, beside a binary that the first SDK built.</summary>
public sealed class SdkGuideTests
{
    [SampledFact]
    public async Task The_plugins_of_the_guide_compile_and_play()
    {
        var blocks = Blocks("sdk", "Titer.Sdk", "README.md");
        Assert.Equal(3, blocks.Length);
        Assert.True(blocks[0].Split('\n').Length < 40, "The first plugin is shown in under 40 lines.");
        using var folder = new TestFolder();
        for (var i = 0; i < blocks.Length; i++)
            GuideCompiler.Compile(blocks[i], $"Guide{i}", Directory.CreateDirectory(Path.Combine(folder.Path, "plugins", $"{i}")).FullName);
        folder.WriteTournament("t.yaml", """
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
    [Fact]
    public void The_tests_that_the_page_of_the_command_line_shows_compile_for_a_plugin_of_the_guide()
    {
        var shown = Blocks("src", "Titer.Cli", "README.md");
        Assert.Equal(2, shown.Length);
        var plugin = Blocks("sdk", "Titer.Sdk", "README.md")[0].Replace("RefusalDefense", "MyDefense", StringComparison.Ordinal)
            .Replace("RefusalOptions", "MyDefenseOptions", StringComparison.Ordinal);
        using var folder = new TestFolder();
        var libraries = Path.Combine(TiterProcess.Repository, "artifacts", "bin", "Titer.Sdk.Testing.Xunit", TestRepository.Build);

        GuideCompiler.Compile($$"""
            using Titer.Sdk.Testing;
            using Titer.Sdk.Testing.Xunit;
            {{plugin}}
            {{shown[1]}}
            public sealed class MyDefenseTests
            {
                public async System.Threading.Tasks.Task It_holds()
                {
                    {{shown[0]}}
                }
            }
            """, "MyDefense", folder.Path, Path.Combine(libraries, "Titer.Sdk.Testing.dll"), Path.Combine(libraries, "Titer.Sdk.Testing.Xunit.dll"));
    }

    private static string[] Blocks(params string[] page) =>
    [
        .. Regex.Matches(File.ReadAllText(Path.Combine([TiterProcess.Repository, .. page])), "```csharp\n(.*?)```", RegexOptions.Singleline)
            .Select(m => m.Groups[1].Value),
    ];
}
