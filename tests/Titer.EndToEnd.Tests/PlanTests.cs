using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>What a run would take of this machine, told after a little of it.</summary>
public sealed class PlanTests
{
    private const string Tournament = """
        name: t
        seeds: [1, 2]
        budget: { attack: { steps: 2 }, defense: { steps: 3 } }
        defenses: [safety_sft]
        attacks: [{ id: full_parameter_finetune, sweep: { learning_rate: [1e-4, 1e-3] } }]
        """;

    [Fact]
    public async Task A_plan_estimates_what_is_left_after_a_little_of_it_and_leaves_nothing_behind()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", Tournament);
        var before = Directory.GetFileSystemEntries(folder.Path);

        var told = await TiterProcess.RunAsync(folder.Path, "plan", "t.yaml", "--lanes", "1");
        var json = await TiterProcess.RunAsync(folder.Path, "plan", "t.yaml", "--lanes", "2", "--json");

        Assert.True(told.ExitCode == 0, told.Output + told.Error);
        Assert.Contains("Left to play: ", told.Output, StringComparison.Ordinal);
        Assert.Matches("Estimate from [0-9]+ s of calibration: [0-9]+ phases, and up to 8 more, 1 at a time, take about ",
            string.Join(' ', told.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        var plan = JsonNode.Parse(json.Output)!;
        var estimate = plan["estimate"]!;
        Assert.Equal((int)plan["left"]! + 8, (int)estimate["phases"]!);
        Assert.All(["seconds", "memory_megabytes", "disk_megabytes", "calibration_seconds"],
            key => Assert.True((double)estimate[key]! > 0, $"{key}: {estimate}"));
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Of_a_run_that_is_through_nothing_is_estimated()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", "name: t\nseeds: [1]\nbudget: { attack: { steps: 1 }, defense: { steps: 1 } }\ndefenses: []\nattacks: []\n");
        var run = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);

        var plan = JsonNode.Parse((await TiterProcess.RunAsync(folder.Path, "plan", "t.yaml", "--json")).Output)!;

        Assert.Equal((0, 0, 0.0), ((int)plan["left"]!, (int)plan["estimate"]!["phases"]!, (double)plan["estimate"]!["seconds"]!));
    }
}
