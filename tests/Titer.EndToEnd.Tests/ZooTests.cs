namespace Titer.EndToEnd.Tests;

/// <summary>What a plugin does wrong becomes its cells' status with a reason; everything else is played as if it were not there.</summary>
[Collection(Alone.Name)]
public sealed class ZooTests
{
    private const string Head = """
        name: zoo
        seeds: [1]
        budget: { attack: { steps: 5 }, defense: { steps: 5, seconds: 3, megabytes: 600 } }
        attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]

        """;

    public static IEnumerable<TheoryDataRow<string>> Sandboxes => Sampled.From<TheoryDataRow<string>>(
    [
        new("auto"),
        new("landlock"),
        new("off"),
    ], 1);

    [SampledTheory]
    [MemberData(nameof(Sandboxes))]
    public async Task A_tournament_survives_a_zoo_of_misbehaving_plugins(string sandbox)
    {
        if (sandbox == "landlock" && OperatingSystem.IsLinux()) LandlockTests.SkipWithoutLandlock();
        using var folder = new TestFolder();
        var temporary = Directory.CreateDirectory(Path.Combine(folder.Path, "tmp")).FullName;
        var zoo = Zoo.Fill(Path.Combine(folder.Path, "plugins"));
        var others = string.Join(", ", Zoo.Inhabitants.Select(i => i.Id));
        var results = Path.Combine(folder.Path, "results", "zoo");
        folder.WriteTournament("zoo.yaml",
            $"{Head}defenses: [safety_sft, {{ id: writes_into_results, set: {{ folder: '{results}' }} }}, {others}, vaccine]\n");

        var environment = new Dictionary<string, string> { ["TMPDIR"] = temporary };
        var outcome = await TiterProcess.RunAsync(folder.Path, environment, "run", "zoo.yaml", "--plugins", zoo, "--sandbox", sandbox);

        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        var board = Leaderboard.Read(results);
        Assert.Equal(Zoo.Inhabitants.Count + 4, board.Order.Count);
        Assert.All(Zoo.Inhabitants, i => AssertMarked(board, i.Id, i.Status, i.Code, i.Words));
        AssertForger(board, outcome, outcome.Output.Contains("Sandbox: bubblewrap", StringComparison.Ordinal) ? nameof(DirectoryNotFoundException)
            : outcome.Output.Contains("Sandbox: Landlock", StringComparison.Ordinal) ? nameof(UnauthorizedAccessException) : null);
        await AssertGoodOnesAreUntouched(folder, board);
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary, "titer-*"));
        Assert.Empty(ProcessesWith("31415", folder.Path));
    }

    [Fact]
    public async Task An_attack_that_asks_for_data_that_it_did_not_declare_is_told_so()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml",
            "name: t\nseeds: [1]\nbudget: { attack: { steps: 2 }, defense: { steps: 2 } }\ndefenses: [safety_sft]\nattacks: [undeclared_data]\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Zoo.Fixtures);

        Assert.Equal(1, outcome.ExitCode);
        var undeclared = Leaderboard.Read(Path.Combine(folder.Path, "results", "t")).Cell("safety_sft", "undeclared_data", "none");
        Assert.Equal("error", (string)undeclared["status"]!);
        Assert.Contains("TITER302", (string)undeclared["reason"]!, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task A_plugin_that_crashes_three_times_in_a_row_is_set_aside_until_an_operator_clears_it()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", """
            name: t
            seeds: [1]
            budget: { attack: { steps: 2 }, defense: { steps: 2 } }
            defenses: [safety_sft, vaccine]
            attacks: [crashing_attack]
            """);
        string[] run = ["run", "t.yaml", "--plugins", Zoo.Fixtures];

        var first = await TiterProcess.RunAsync(folder.Path, run);

        Assert.Equal(1, first.ExitCode);
        var cells = Leaderboard.Read(Path.Combine(folder.Path, "results", "t")).All().Where(c => (string)c["attack"]! == "crashing_attack")
            .ToArray();
        Assert.Equal(6, cells.Length);
        // With two lanes a fourth may have been under way when the third crashed.
        Assert.InRange(cells.Count(c => (string)c["status"]! == "error"), 3, 4);
        Assert.All(cells.Where(c => (string)c["status"]! == "skipped"), c => Assert.Equal("TITER220", (string)c["code"]!));
        Assert.Contains(cells, c => ((string)c["reason"]!).Contains("crashed in 3 phases in a row", StringComparison.Ordinal));

        var list = await TiterProcess.RunAsync(folder.Path, "plugin", "quarantine", "list");
        Assert.Contains("crashing_attack", list.Output, StringComparison.Ordinal);
        var again = await TiterProcess.RunAsync(folder.Path, run);
        Assert.Contains("; 0 of ", again.Output, StringComparison.Ordinal);

        Assert.Equal(0, (await TiterProcess.RunAsync(folder.Path, "plugin", "quarantine", "clear", "crashing_attack")).ExitCode);
        var cleared = await TiterProcess.RunAsync(folder.Path, run);
        Assert.DoesNotContain("; 0 of ", cleared.Output, StringComparison.Ordinal);
    }

    private static void AssertMarked(Leaderboard board, string defense, string status, string? code, string words)
    {
        var row = board.Row(defense);
        Assert.True((status, code) == ((string)row["status"]!, (string?)row["code"]), row.ToJsonString());
        Assert.Contains(words, (string?)row["reason"] ?? "", StringComparison.Ordinal);
        Assert.All(board.Cells(defense), c => Assert.Equal(status, (string)c["status"]!));
    }

    /// <summary>Behind walls it does not reach the results folder; without, what it rewrote is noticed and written again.</summary>
    /// <param name="refusal">What it is told; null without walls.</param>
    private static void AssertForger(Leaderboard board, TiterOutcome outcome, string? refusal)
    {
        if (refusal is not null)
        {
            AssertMarked(board, "writes_into_results", "error", "TITER201", refusal);
            Assert.DoesNotContain("TITER214", outcome.Error, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains("TITER214", outcome.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>The same tournament without the zoo: every score of the good plugins must be the same.</summary>
    private static async Task AssertGoodOnesAreUntouched(TestFolder folder, Leaderboard zoo)
    {
        folder.WriteTournament("quiet.yaml", $"{Head.Replace("zoo", "quiet", StringComparison.Ordinal)}defenses: [safety_sft, vaccine]\n");
        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "quiet.yaml");
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        var quiet = Leaderboard.Read(Path.Combine(folder.Path, "results", "quiet"));
        foreach (var defense in new[] { "no_defense", "safety_sft", "vaccine" })
        {
            Assert.Equal(quiet.Scores(defense), zoo.Scores(defense));
            Assert.Equal("done", (string)zoo.Row(defense)["status"]!);
        }
    }

    private static string[] ProcessesWith(params string[] words) =>
        [.. Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out var id) && id != Environment.ProcessId)
            .Select(CommandOf).Where(c => words.Any(c.Contains))];

    private static string CommandOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
