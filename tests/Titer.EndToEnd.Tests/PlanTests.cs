using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>What a run would take of this machine, told after a little of it.</summary>
[Collection(Alone.Name)]
public sealed class PlanTests
{
    private const string Tournament = """
        name: t
        seeds: [1, 2]
        budget: { attack: { steps: 2 }, defense: { steps: 3 } }
        defenses: [safety_sft]
        attacks: [{ id: full_parameter_finetune, sweep: { learning_rate: [1e-4, 1e-3] } }]
        """;

    [SampledFact]
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

    /// <summary>109.5 million weights, whose values no plan looks at: a file of that length.</summary>
    [SampledFact]
    public async Task A_subject_of_100M_that_does_not_fit_is_refused_with_the_settings_under_which_it_does()
    {
        using var folder = new TestFolder();
        FamilyScenario.Write(folder, "llama2");
        folder.Write("subject/config.json", """
            { "model_type": "llama", "vocab_size": 32000, "hidden_size": 768, "intermediate_size": 2048, "num_hidden_layers": 12,
              "num_attention_heads": 12, "num_key_value_heads": 12, "max_position_embeddings": 2048, "rms_norm_eps": 1e-5,
              "tie_word_embeddings": true, "hidden_act": "silu" }
            """);
        var weights = Path.Combine(folder.Path, "subject", "model.safetensors");
        await using (var file = File.Create(weights)) file.SetLength(4L * 109_529_856);
        await using var written = File.OpenRead(weights);
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(written, TestContext.Current.CancellationToken));
        var scenario = Regex.Replace(await File.ReadAllTextAsync(Path.Combine(folder.Path, "scenario.yaml"),
            TestContext.Current.CancellationToken), "sha256: [0-9a-f]+", $"sha256: {hash}")
            .Replace("trainability: { steps: 2 }", "trainability: { steps: 2, batch_size: 2 }", StringComparison.Ordinal);
        folder.Write("scenario.yaml", scenario);
        const string Told = "name: t\nscenario: ./scenario.yaml\nseeds: [1]\ndefenses: []\nattacks: [{ id: full_parameter_finetune";
        folder.Write("t.yaml", Told + " }]\n");
        string[] plan = ["plan", "t.yaml", "--no-estimate", "--lanes", "1", "--device-megabytes", "2600"];

        var refused = await TiterProcess.RunAsync(folder.Path, plan);
        var fix = Regex.Match(refused.Error, "TITER587 full_parameter_finetune needs about [0-9.]+ GB .*, and a lane has 2.60 GB. "
            + "Set ({ [^}]* }), which takes [0-9.]+ GB");
        folder.Write("t.yaml", $"{Told}, set: {fix.Groups[1].Value} }}]\n");
        folder.Write("scenario.yaml",
            scenario.Replace("batch_size: 2 }", "batch_size: 2, rank: 8 }", StringComparison.Ordinal));
        var fits = await TiterProcess.RunAsync(folder.Path, plan);

        Assert.True(refused.ExitCode == 2, refused.Output + refused.Error);
        Assert.True(fix.Success, refused.Error);
        Assert.Contains("optimizer: Adafactor", fix.Value, StringComparison.Ordinal);
        Assert.Contains("Set trainability: { rank: 8 } in the scenario", refused.Error, StringComparison.Ordinal);
        Assert.True(fits.ExitCode == 0, fits.Error);
        Assert.DoesNotContain("TITER587", fits.Error, StringComparison.Ordinal);
    }

    [SampledFact]
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
