using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>Every code that is printed can be asked about.</summary>
public sealed class ExplainTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Theory]
    [SampledData("TITER218")]
    [SampledData("titer218")]
    [SampledData("218")]
    public async Task A_code_is_explained_with_its_room_its_cause_and_its_fix(string asked)
    {
        var outcome = await TiterProcess.RunAsync(Folder, "explain", asked);

        Assert.Equal(0, outcome.ExitCode);
        var lines = outcome.Output.TrimEnd().Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal(("TITER218 There was no room on the GPU.", "  Room:  Titer.Runtime/Phases"), (lines[0], lines[1]));
        Assert.StartsWith("  Cause: ", lines[2], StringComparison.Ordinal);
        Assert.Contains("--lanes", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_codes_are_listed_a_line_each_and_as_JSON()
    {
        var list = (await TiterProcess.RunAsync(Folder, "explain")).Output.TrimEnd().Split('\n');
        var json = JsonNode.Parse((await TiterProcess.RunAsync(Folder, "explain", "--json")).Output)!.AsArray();
        var one = JsonNode.Parse((await TiterProcess.RunAsync(Folder, "explain", "900", "--json")).Output)!;

        Assert.Equal(json.Select(c => $"{c!["code"]}  {c["meaning"]}"), list);
        Assert.Equal(list.Order(StringComparer.Ordinal), list);
        Assert.Equal("TITER900", (string)one["code"]!);
        Assert.Equal("Titer.Cli/Commands", (string)one["rooms"]![0]!);
    }

    [Theory]
    [SampledData("TITER219", "TITER218, TITER220")]
    [SampledData("TITRE218", "TITER218")]
    [SampledData("999", "TITER900")]
    [SampledData("reprieve", "'titer explain' lists all.")]
    public async Task An_unknown_code_is_answered_with_those_near_it(string asked, string near)
    {
        var outcome = await TiterProcess.RunAsync(Folder, "explain", asked);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"TITER620 There is no code '{asked}'.", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(near, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Trim().Split('\n'));
    }
}
