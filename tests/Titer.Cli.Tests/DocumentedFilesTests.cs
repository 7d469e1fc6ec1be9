using System.Text.RegularExpressions;
using Titer.League.Configuration;
using Titer.Runtime.Configuration;
using Titer.Scenarios.Yaml;

namespace Titer.Cli.Tests;

/// <summary>Every file that a page of the documentation shows is one that its reader takes.</summary>
public sealed partial class DocumentedFilesTests
{
    public static TheoryData<string, string> Blocks()
    {
        var blocks = new TheoryData<string, string>();
        string[] pages = [Path.Combine(TestRepository.Root, "README.md"),
            .. Directory.GetFiles(Path.Combine(TestRepository.Root, "src", "docs"), "*.md").Order(StringComparer.Ordinal)];
        foreach (var page in pages)
        {
            foreach (Match block in Yaml().Matches(File.ReadAllText(page))) blocks.Add(Path.GetFileName(page), block.Groups[1].Value);
        }

        return blocks;
    }

    public static TheoryData<string> Templates() =>
        new(Directory.GetFiles(Path.Combine(TestRepository.Root, "plugin-template"), "tournament.yaml", SearchOption.AllDirectories));

    [Theory]
    [MemberData(nameof(Blocks))]
    public void The_files_of_a_page_are_read(string page, string block)
    {
        if (Of(block, "subject:")) Assert.NotEmpty(StrictYaml.Parse(page, block).Map([.. Titer.Scenarios.ScenarioKeys.Schema.Rows
            .Select(row => row.Path).Where(path => !path.Contains('.', StringComparison.Ordinal))]));
        else if (Of(block, "watch:")) Assert.NotEmpty(LeagueFileReader.Parse(page, block).Watch);
        else Assert.NotNull(TournamentFileReader.Parse(page, block).Name);
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void The_tournaments_of_templates_are_read_and_name_their_schema(string file)
    {
        var text = File.ReadAllText(file);
        Assert.StartsWith("# yaml-language-server: $schema=tournament.schema.json\n", text, StringComparison.Ordinal);
        Assert.NotNull(TournamentFileReader.Parse(file, text).Name);
    }

    private static bool Of(string block, string key) => block.Split('\n').Any(line => line.StartsWith(key, StringComparison.Ordinal));

    [GeneratedRegex("^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Yaml();
}
