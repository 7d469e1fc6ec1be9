using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// A stranger's metric judges: a tournament while it plays, a stored run again; what it does in place of scoring is said under its name.
/// </summary>
public sealed partial class MetricTests
{
    private const string Head =
        "seeds: [1]\nearly_stopping: false\nbudget: { attack: { steps: 8 }, defense: { steps: 3, seconds: 20 } }\n"
        + "defenses: [safety_sft]\nattacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]\n";

    [SampledFact]
    public async Task A_strangers_metric_gives_the_same_board_whether_it_scored_the_run_or_scores_it_again()
    {
        using var folder = new TestFolder();
        folder.Write("own.yaml", "name: own\n" + Head + "metrics: { also: [{ id: counts_words, set: { full: 0.25 } }] }\n");
        folder.Write("words.yaml",
            "name: words\n" + Head + "metrics: { harm: counts_words, utility: { id: counts_words, set: { full: 0.5 } } }\n");
        string[] plugins = ["--plugins", Zoo.Fixtures];

        var own = await TiterProcess.RunAsync(folder.Path, ["run", "own.yaml", .. plugins]);
        var words = await TiterProcess.RunAsync(folder.Path, ["run", "words.yaml", .. plugins]);
        var again = await TiterProcess.RunAsync(folder.Path, ["run", "words.yaml", .. plugins]);
        var scored = await TiterProcess.RunAsync(folder.Path,
            ["score", "results/own", "--metric", "harm=counts_words", "utility=counts_words[full=0.5]", .. plugins]);
        // Its own build lies in the run.
        var rescored = await TiterProcess.RunAsync(folder.Path, "score", "results/words", "--metric", "harm=counts_words", "--set",
            "harm_threshold=0.3");

        // A stranger's code is under one rule, whatever the verb.
        var nothing = NoSandbox.In(folder.Path);
        string[] score = ["score", "results/own", "--metric", "harm=counts_words", "utility=counts_words[full=0.5]", .. plugins];
        var refused = await TiterProcess.RunAsync(folder.Path, nothing, score);
        var accepted = await TiterProcess.RunAsync(folder.Path, nothing, [.. score, "--sandbox", "off", "--out", "results/accepted"]);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("TITER624 counts_words did not come with titer", refused.Error, StringComparison.Ordinal);
        Assert.True(accepted.ExitCode == 0, accepted.Output + accepted.Error);
        Assert.Equal(Board(folder, "words"), Board(folder, "accepted"));
        Assert.All([own, words, again, scored, rescored], outcome => Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error));
        Assert.Contains("; 0 of ", again.Output, StringComparison.Ordinal);
        Assert.NotEqual(Board(folder, "own"), Board(folder, "words"));
        Assert.Equal(Board(folder, "words"), Board(folder, "own/scored"));
        Assert.Equal(Board(folder, "words"), Board(folder, "words/scored"));
        Assert.Equal(Attacks(folder, "own").Select(p => (string)p["samples_hash"]!),
            Attacks(folder, "words").Select(p => (string)p["samples_hash"]!));
        Assert.Empty(Attacks(folder, "own").Select(p => (string)p["phase_id"]!)
            .Intersect(Attacks(folder, "words").Select(p => (string)p["phase_id"]!)));
        Assert.Contains("counts_words[full=0.25]", File.ReadAllText(Path.Combine(folder.Path, "results", "own", "leaderboard.json")),
            StringComparison.Ordinal);
        var locked = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Path, "results", "words", "run.lock.json")))!["metrics"]!.AsArray();
        Assert.Equal(["harm", "utility"], locked.Select(m => (string)m!["role"]!));
        Assert.All(locked, m => Assert.Equal(64, ((string)m!["content_hash"]!).Length));
        Assert.Equal("0.5", (string)locked[1]!["options"]!["full"]!);
        Assert.Contains("counts_words", File.ReadAllText(Path.Combine(folder.Path, "results", "words", "run.yaml")), StringComparison.Ordinal);
    }

    public static IEnumerable<TheoryDataRow<string, string, string>> Misdeeds => Sampled.From<TheoryDataRow<string, string, string>>(
    [
        new("throws", "TITER555", "the answer has no number"),
        new("not_a_number", "TITER557", "NaN for answer"),
        new("exits", "TITER558", "exit code 0"),
    ], 1);

    [SampledTheory]
    [MemberData(nameof(Misdeeds))]
    public async Task A_metric_that_gives_no_scores_is_named_by_every_cell_and_nothing_else_is_lost(string misdeed, string code, string words)
    {
        using var folder = new TestFolder();
        folder.WriteTournament("bad.yaml", "name: bad\n" + Head + $"metrics: {{ harm: {{ id: bad_metric, set: {{ misdeed: {misdeed} }} }} }}\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "bad.yaml", "--plugins", Zoo.Fixtures);

        var said = outcome.Output + outcome.Error;
        Assert.True(outcome.ExitCode == 1, said);
        Assert.DoesNotContain("TITER900", said, StringComparison.Ordinal);
        var phases = Phases(folder, "bad").ToArray();
        Assert.All(phases.Where(p => (string)p["kind"]! == "defend"), p => Assert.Equal("done", (string)p["status"]!));
        var judged = phases.Where(p => (string)p["kind"]! != "defend").ToArray();
        Assert.NotEmpty(judged);
        Assert.All(judged, p => Assert.Equal(("error", code), ((string)p["status"]!, (string)p["code"]!)));
        Assert.All(judged, p => Assert.Contains("'bad_metric'", (string)p["reason"]!, StringComparison.Ordinal));
        Assert.Contains(judged, p => ((string)p["reason"]!).Contains(words, StringComparison.Ordinal));
    }

    [SampledFact]
    public async Task Re_scoring_with_a_metric_that_gives_no_scores_says_so_and_leaves_the_run_as_it_was()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("own.yaml", "name: own\n" + Head);
        var own = await TiterProcess.RunAsync(folder.Path, "run", "own.yaml");
        var before = Board(folder, "own");

        var scored = await TiterProcess.RunAsync(folder.Path, "score", "results/own", "--metric", "harm=bad_metric[misdeed=one_too_few]",
            "--plugins", Zoo.Fixtures);

        Assert.True(own.ExitCode == 0, own.Output + own.Error);
        Assert.True(scored.ExitCode == 1, scored.Output + scored.Error);
        Assert.Contains("TITER557", scored.Output + scored.Error, StringComparison.Ordinal);
        Assert.Equal(before, Board(folder, "own"));
    }

    [Theory]
    [SampledData("harm: word_count", "TITER550", "counts_words")]
    [SampledData("harm: counts_wrods", "TITER550", "Did you mean 'counts_words'?")]
    [SampledData("harm: safety_sft", "TITER607", "a defense, not a metric")]
    [SampledData("utility: { id: counts_words, set: { ful: 1 } }", "TITER140", "ful")]
    [SampledData("coherence: { id: answer_match, set: { extrac: x } }", "TITER552", "extrac")]
    public async Task A_metric_that_cannot_be_meant_is_refused_before_anything_plays(string metric, string code, string words)
    {
        using var folder = new TestFolder();
        folder.Write("wrong.yaml", "name: wrong\n" + Head + $"metrics: {{ {metric} }}\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate", "wrong.yaml", "--plugins", Zoo.Fixtures);

        Assert.True(outcome.ExitCode == 2, outcome.Output + outcome.Error);
        Assert.Contains(code, outcome.Error, StringComparison.Ordinal);
        Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
        Assert.StartsWith("wrong.yaml:7:", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [SampledData("CountsWords", 0, "plays by the rules", null)]
    [SampledData("BadMetric", 1, "the answer has no number", "TITER824")]
    public async Task Validate_asks_a_metric_what_metrics_are_asked(string fixture, int exitCode, string words, string? code)
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "plugin", "validate", Path.Combine(Zoo.Fixtures, fixture));

        Assert.True(outcome.ExitCode == exitCode, outcome.Output + outcome.Error);
        Assert.Contains("gives one score in [0, 1] for each answer", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(words, outcome.Output, StringComparison.Ordinal);
        if (code is not null) Assert.Contains(code, outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scenario_whose_metric_is_a_strangers_is_checked_behind_walls_or_not_at_all()
    {
        using var folder = new TestFolder();
        var source = Path.Combine(TiterProcess.Repository, "src", "Titer.Scenarios", "Apothecary", "content");
        Titer.Files.FolderCopy.Copy(source, Path.Combine(folder.Path, "own"));
        var settings = await File.ReadAllTextAsync(Path.Combine(source, "scenario.yaml"), TestContext.Current.CancellationToken);
        folder.Write("own/scenario.yaml", settings.Replace("harm: recipe_match", "harm: counts_words", StringComparison.Ordinal));
        var nothing = NoSandbox.In(folder.Path);
        string[] check = ["scenario", "check", "./own", "--plugins", Path.Combine(Zoo.Fixtures, "CountsWords")];

        var refused = await TiterProcess.RunAsync(folder.Path, nothing, check);

        Assert.True(refused.ExitCode == 2, refused.Output + refused.Error);
        Assert.Contains("TITER624 counts_words did not come with titer", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("harm", refused.Output, StringComparison.OrdinalIgnoreCase);
    }

    [SampledFact]
    public async Task Play_shows_an_author_what_a_metric_says_of_a_known_match()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "play", Path.Combine(Zoo.Fixtures, "CountsWords"), "--matches", "1", "--set",
            "full=0.5");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        Assert.Contains("metric counts_words", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("harm no_defense by full_parameter_finetune", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("match of build 1", outcome.Output, StringComparison.Ordinal);
    }

    /// <summary>Rows and cells of the board, without the ids of phases: another metric makes other phases.</summary>
    private static string Board(TestFolder folder, string run)
    {
        var board = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Path, "results", run, "leaderboard.json")))!;
        return PhaseId().Replace(board["leaderboard"]!.ToJsonString() + board["crosstable"]!.ToJsonString(), "\"phase\"");
    }

    private static JsonNode[] Attacks(TestFolder folder, string run) =>
        [.. Phases(folder, run).Where(p => (string)p["kind"]! == "attack").OrderBy(p => $"{p["defense"]} {p["attack"]} {p["exposure"]}",
            StringComparer.Ordinal)];

    private static IEnumerable<JsonNode> Phases(TestFolder folder, string run) =>
        Leaderboard.Phases(Path.Combine(folder.Path, "results", run));

    [GeneratedRegex("\"[0-9a-f]{16}\"")]
    private static partial Regex PhaseId();
}
