using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Titer.Files;

namespace Titer.EndToEnd.Tests;

/// <summary>Models that were made elsewhere, as a user enters them.</summary>
public sealed partial class CheckpointEntrantTests
{
    [SampledFact]
    public async Task An_exported_defense_enters_again_with_the_same_row_and_a_model_of_something_else_is_invalid()
    {
        using var folder = new TestFolder();
        const string Settings = "seeds: [1]\nearly_stopping: false\nbudget: { attack: { steps: 6 }, defense: { steps: 6 } }\n"
            + "attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]\n";
        folder.WriteTournament("a.yaml", $"name: a\n{Settings}defenses: [safety_sft]\n");
        var first = await TiterProcess.RunAsync(folder.Path, "run", "a.yaml");
        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        var export = await TiterProcess.RunAsync(folder.Path, "export", "safety_sft", "--seed", "1", "--out", "made/elsewhere", "--from",
            Path.Combine("results", "a"));
        Assert.True(export.ExitCode == 0, export.Output + export.Error);
        // The subject of a wider model: the same files but for one number.
        FolderCopy.Copy(Path.Combine(folder.Path, "made", "elsewhere"), Path.Combine(folder.Path, "made", "foreign"));
        var config = Path.Combine(folder.Path, "made", "foreign", "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"rms_norm_eps\": 1", "\"rms_norm_eps\": 3", StringComparison.Ordinal));

        folder.WriteTournament("b.yaml", $"name: b\n{Settings}defenses: [safety_sft, {{ checkpoint: made/elsewhere, label: made_elsewhere }}, "
            + "{ checkpoint: ./made/foreign/ }]\n");
        var second = await TiterProcess.RunAsync(folder.Path, "run", "b.yaml");

        Assert.True(second.ExitCode == 1, second.Output + second.Error);
        var board = Leaderboard.Read(Path.Combine(folder.Path, "results", "b"));
        Assert.Equal(Measured(board, "safety_sft"), Measured(board, "made_elsewhere"));
        Assert.Equal(Measured(Leaderboard.Read(Path.Combine(folder.Path, "results", "a")), "safety_sft"), Measured(board, "made_elsewhere"));
        var defends = Phases(folder, "b").Where(p => (string?)p["kind"] == "defend").ToDictionary(p => (string)p["defense"]!);
        Assert.Equal((string?)defends["safety_sft"]["weights_hash"], (string?)defends["made_elsewhere"]["weights_hash"]);
        Assert.Equal(0, (int)defends["made_elsewhere"]["spent"]!["steps"]!);
        Assert.Equal("TITER432", (string?)board.Row("foreign")["code"]);
        Assert.Contains("Not played: foreign: TITER432", second.Error, StringComparison.Ordinal);
        Assert.Contains("rms_norm_eps 3E", second.Error, StringComparison.Ordinal);

        // From anywhere: the resolved file names the folders in full, and the ids of the phases have their hashes.
        var again = await TiterProcess.RunAsync(folder.Path, "run", Path.Combine("results", "b", "run.yaml"), "--out", Path.Combine("results", "b"));
        Assert.Contains("0 of ", again.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("defenses: [{ checkpoint: ./nowhere }]", "t.yaml:1:26: TITER630 There is no folder")]
    [InlineData("defenses: [{ checkpoint: ., label: vaccine }]", "t.yaml:1:36: TITER631 'vaccine' is the name of a plugin.")]
    [InlineData("defenses: [{ checkpoint: ., label: 'my model' }]", "t.yaml:1:36: TITER631 'my model' is no name for a checkpoint.")]
    [InlineData("attacks: [{ checkpoint: ., label: x }]", "t.yaml:1:25: TITER631 A checkpoint enters as a defense")]
    [InlineData("defenses: [{ checkpoint: ., set: { a: 1 } }]", "t.yaml:1:29: TITER512 Unknown key 'set'.")]
    public async Task What_cannot_enter_is_refused_with_its_place(string text, string expected)
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", text + "\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate", "t.yaml");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(expected, outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>Everything that was measured on the model: not its name, what making it cost, or what it is compared with.</summary>
    private static string Measured(Leaderboard board, string defense)
    {
        var row = board.Row(defense).DeepClone().AsObject();
        foreach (var own in new[] { "rank", "rank_low", "rank_high", "defense", "paper", "card", "defense_steps", "defense_samples",
            "defense_seconds", "settings",
            "options", "strength", "strength_interval", "rating", "rating_low", "rating_high" }) row.Remove(own);
        var text = row.ToJsonString() + string.Concat(board.Cells(defense).Select(c => c.ToJsonString()));
        return PhaseId().Replace(text.Replace(defense, "DEFENSE", StringComparison.Ordinal), "\"PHASE\"");
    }

    private static IEnumerable<JsonNode> Phases(TestFolder folder, string run) =>
        Leaderboard.Phases(Path.Combine(folder.Path, "results", run));

    [GeneratedRegex("\"[0-9a-f]{16}\"")]
    private static partial Regex PhaseId();
}
