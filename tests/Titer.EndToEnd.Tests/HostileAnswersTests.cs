using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>No phase ends the run, and none poisons the folder: what a plugin leaves behind or answers in
/// the host's name is its own phase's result.</summary>
public sealed class HostileAnswersTests
{
    [SampledFact]
    public async Task Traps_and_forged_answers_cost_their_own_cells_only()
    {
        using var folder = new TestFolder();
        var temporary = Directory.CreateDirectory(Path.Combine(folder.Path, "tmp")).FullName;
        string[] traps = ["deep_path", "name_of_bytes", "closed_folder", "no_folder", "file_is_folder"];
        string[] forgeries = ["nonsense", "bare", "nothing_spent", "no_scores", "other_prompts", "huge_score"];
        static string Head(string name) =>
            $"name: {name}\nseeds: [1]\nbudget: {{ attack: {{ steps: 2 }}, defense: {{ steps: 3, seconds: 20 }} }}\n";
        const string good = "{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }";
        folder.WriteTournament("traps.yaml", Head("traps") + $"attacks: [{good}]\ndefenses: [safety_sft, {
            string.Join(", ", traps.Select(t => $"{{ id: leaves_traps, set: {{ trap: {t} }} }}"))}]\n");
        folder.WriteTournament("forgeries.yaml", Head("forgeries") + $"defenses: [safety_sft]\nattacks: [{good}, {
            string.Join(", ", forgeries.Select(f => $"{{ id: forges_answers, set: {{ forgery: {f} }} }}"))}]\n");
        folder.WriteTournament("quiet.yaml", Head("quiet") + $"defenses: [safety_sft]\nattacks: [{good}]\n");
        var environment = new Dictionary<string, string> { ["TMPDIR"] = temporary };

        var quiet = await TiterProcess.RunAsync(folder.Path, environment, "run", "quiet.yaml");
        Assert.Equal(0, quiet.ExitCode);
        // Who leaves traps behind has done nothing else.
        foreach (var (hostile, exitCode) in new[] { ("traps", 0), ("forgeries", 1) })
        {
            string[] run = ["run", hostile + ".yaml", "--plugins", Zoo.Fixtures];
            var outcome = await TiterProcess.RunAsync(folder.Path, environment, run);
            var again = await TiterProcess.RunAsync(folder.Path, environment, run);

            var said = outcome.Output + outcome.Error;
            Assert.True(outcome.ExitCode == exitCode, said);
            Assert.DoesNotContain("TITER900", said, StringComparison.Ordinal);
            Assert.Equal(exitCode, again.ExitCode);
            Assert.Contains("; 0 of ", again.Output, StringComparison.Ordinal);
            Assert.Equal(GoodCells(folder, "quiet"), GoodCells(folder, hostile));
        }

        var forged = Phases(folder, "forgeries")
            .Where(p => ((string?)p["attack"])?.StartsWith("forges", StringComparison.Ordinal) == true).ToArray();
        Assert.NotEmpty(forged);
        // Whoever speaks in the host's name ends its phase: by a refusal, or with the score of what it had trained by then, which is nothing.
        var untrained = Phases(folder, "forgeries").Where(p => (string?)p["attack"] == "no_weight_modification")
            .ToDictionary(p => (string)p["defense"]!, Harm);
        Assert.All(forged, p => Assert.True((string)p["status"]! is "error" or "invalid" || Harm(p) == untrained[(string)p["defense"]!],
            $"{p["reason"]} {Harm(p)}"));
        Assert.Contains(forged, p => (string)p["status"]! == "done");
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary, "titer-*"));
    }

    /// <summary>Everything that was measured of the good defense and the good attack.</summary>
    private static string[] GoodCells(TestFolder folder, string name) =>
    [
        .. Phases(folder, name)
            .Where(p => (string)p["defense"]! is "no_defense" or "safety_sft"
                && (string?)p["attack"] is null or "full_parameter_finetune" or "no_weight_modification")
            .Select(p => $"{p["phase_id"]} {p["status"]} {p["weights_hash"]} {p["samples_hash"]}").Order(StringComparer.Ordinal),
    ];

    private static string Harm(JsonNode phase) =>
        string.Join(" ", phase["trajectory"]?["checkpoints"]?.AsArray().Select(c => c!["harm"]!.ToJsonString()) ?? ["none"]);

    private static IEnumerable<JsonNode> Phases(TestFolder folder, string name) =>
        Leaderboard.Phases(Path.Combine(folder.Path, "results", name));
}
