using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>Two attacks in a row, and attacks that say how they ask, as a user enters them.</summary>
public sealed class CompositionTests
{
    [SampledFact]
    public async Task Two_attacks_in_a_row_are_one_attacker_and_the_second_may_ask_in_its_own_way()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", """
            name: two
            seeds: [1]
            early_stopping: false
            budget: { attack: { steps: 6 }, defense: { steps: 3 } }
            defenses: [no_defense]
            attacks:
              - { id: no_weight_modification, set: { prefill: true } }
              - { id: full_parameter_finetune -> no_weight_modification, set: { then.prefill: true } }
              - quantize_int4 -> lora_finetune
            """);

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        var phases = Directory.GetFiles(Path.Combine(folder.Path, "results", "two", "phases"),
            "*.json").Select(f => JsonNode.Parse(File.ReadAllText(f))!)
            .Where(p => (string?)p["kind"] == "attack").ToArray();
        var prefilled = Of(phases, "no_weight_modification");
        Assert.Contains(Templates(prefilled), t => t.StartsWith("attack/prefill", StringComparison.Ordinal));
        Assert.Equal(Templates(prefilled).Length, StoredScores.Table(prefilled["trajectory"]!["checkpoints"]![0]!["harm"]!).Length);

        var two = Of(phases, "full_parameter_finetune -> no_weight_modification[then.prefill=true]");
        Assert.Equal(Templates(prefilled), Templates(two));
        // Half of the steps are the first one's.
        Assert.Equal(3, (int)two["spent"]!["steps"]!);
        Assert.All(two["trajectory"]!["checkpoints"]!.AsArray(), c => Assert.Equal(Templates(two).Length, StoredScores.Table(c!["harm"]!).Length));

        var edited = Of(phases, "quantize_int4 -> lora_finetune");
        Assert.Equal(6, (int)edited["spent"]!["steps"]!);
        Assert.Contains("quantize_int4 -> lora_finetune", outcome.Output, StringComparison.Ordinal);

        var again = await TiterProcess.RunAsync(folder.Path, "run", Path.Combine("results", "two", "run.yaml"), "--out",
            Path.Combine("results", "two"));
        Assert.True(again.ExitCode == 0, again.Output + again.Error);
        Assert.Contains("0 of ", again.Output, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task A_tournament_that_names_nobody_plays_those_that_enter_by_default_and_only_calls_others_in()
    {
        using var folder = new TestFolder();

        var plan = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate");
        var only = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate", "--only", "refusal_ablation");

        Assert.DoesNotContain("refusal_ablation", plan.Output, StringComparison.Ordinal);
        Assert.Contains("by refusal_ablation", only.Output, StringComparison.Ordinal);
    }

    private static JsonNode Of(JsonNode[] phases, string attack) => phases.First(p => (string?)p["attack"] == attack);

    private static string[] Templates(JsonNode phase) => [.. phase["trajectory"]!["templates"]!.AsArray().Select(t => (string)t!)];
}
