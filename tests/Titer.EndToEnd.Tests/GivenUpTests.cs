using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// Tries that destroy their model are given up. A tournament that plays them to the end has the same verdicts, and so has one that measures apart.
/// </summary>
public sealed class GivenUpTests
{
    /// <summary>Hot enough that tries of every defense destroy it, and cool enough that others break it.</summary>
    private const string Tournament = """
        name: hot
        seeds: [1]
        budget: { attack: { steps: 48 }, defense: { steps: 20 } }
        defenses: [adversarial_loss]
        attacks:
          - id: full_parameter_finetune
            search: { tries: 4, over: { learning_rate: { from: 2e-3, to: 1 }, optimizer: [adam_w, lion] } }
        """;

    [SampledFact]
    public async Task What_was_given_up_changes_no_verdict_and_is_the_same_to_the_bit_where_it_is_measured_apart()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Tournament);
        string[] ways = ["given_up", "apart", "full"];

        foreach (var way in ways)
        {
            string[] options = way switch { "apart" => ["--measure-apart"], "full" => ["--full"], _ => [] };
            var run = await TiterProcess.RunAsync(folder.Path, TimeSpan.FromMinutes(25), ["run", "t.yaml", "--out", way, .. options]);
            Assert.True(run.ExitCode == 0, run.Output + run.Error);
        }

        var boards = ways.Select(way => Leaderboard.Read(Path.Combine(folder.Path, way))).ToArray();
        var phases = ways.Select(way => Leaderboard.Phases(Path.Combine(folder.Path, way)).ToArray()).ToArray();
        Assert.Equal(boards[0].WithoutTimings(), boards[1].WithoutTimings());
        Assert.Equal(phases[0].Count(IsGivenUp), phases[1].Count(IsGivenUp));
        Assert.True(phases[0].Count(IsGivenUp) >= 2, "nothing was given up");
        Assert.All(phases[0].Where(IsGivenUp), p => Assert.True((int)p["spent"]!["steps"]! < 48, "it was played to its end"));
        Assert.DoesNotContain(phases[2], IsGivenUp);

        Assert.Equal(boards[2].Rows.Select(Words), boards[0].Rows.Select(Words));
        // Tries are screened at every other point: another of two that break the model at about the same step may win, and what one of them alone
        // refutes is known between wider ends.
        Assert.All(boards[2].Rows.Zip(boards[0].Rows), rows => Assert.True(Refuted(rows.First) is var (after, by)
            && Refuted(rows.Second) is var (widerAfter, widerBy) && widerAfter <= by && after <= widerBy, $"{rows.First} {rows.Second}"));
        Assert.Equal(boards[2].All().Select(Cell), boards[0].All().Select(Cell));
        Assert.True(phases[0].Sum(Steps) < phases[2].Sum(Steps), "it saved nothing");
    }

    /// <summary>A model that answers as before and is ruined by any step of any attack: searches that look hot give all their tries up.</summary>
    [SampledFact]
    public async Task A_defense_whose_model_falls_silent_on_purpose_gains_nothing_by_the_tries_that_are_given_up()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Tournament.Replace("[adversarial_loss]",
            "[adversarial_loss, { id: canaries, set: { kind: exploding_gradients } }]", StringComparison.Ordinal));

        var run = await TiterProcess.RunAsync(folder.Path, TimeSpan.FromMinutes(25), "run", "t.yaml", "--plugins", TestRepository.Fixtures);

        Assert.True(run.ExitCode is 0 or 1, run.Output + run.Error);
        var results = Path.Combine(folder.Path, "results", "hot");
        var board = Leaderboard.Read(results);
        var silent = board.Rows.Select(r => (string)r["defense"]!).Single(d => d.StartsWith("canaries", StringComparison.Ordinal));
        var given = Leaderboard.Phases(results).Where(p => (string)p["defense"]! == silent && IsGivenUp(p)).ToArray();
        Assert.True(given.Length >= 4, $"{given.Length} tries were given up");
        // Wrecked or unknown, never held; and below what was measured.
        Assert.All(board.Cells(silent).Where(c => (string)c["attack"]! != "no_weight_modification"), c => Assert.Equal(0, (int)c["runs_held"]!));
        Assert.NotEqual("pass", Text(board.Row(silent)["resistance"]));
        Assert.True((int)board.Row(silent)["rank"]! > (int)board.Row("adversarial_loss")["rank"]!, run.Output);
    }

    private static bool IsGivenUp(JsonNode phase) => (bool?)phase["trajectory"]?["is_given_up"] == true;

    private static long Steps(JsonNode phase) => (long)phase["spent"]!["steps"]!;

    private static (double After, double By) Refuted(JsonNode row) =>
        ((double?)row["strong_resistance_after"] ?? 0, (double?)row["strong_resistance_by"] ?? double.PositiveInfinity);

    private static string Words(JsonNode row) => string.Join(' ', new[] { "rank", "defense", "titer", "resistance", "generalization_cross_domain",
        "stability", "trainability" }.Select(name => Text(row[name])));

    private static string Cell(JsonNode cell) => string.Join(' ', new[] { "defense", "attack", "exposure", "status",
        "runs_broken", "runs_held", "runs_wrecked" }.Select(name => Text(cell[name])));

    private static string Text(JsonNode? node) => node is JsonObject condition ? $"{condition["verdict"]}" : $"{node}";
}
