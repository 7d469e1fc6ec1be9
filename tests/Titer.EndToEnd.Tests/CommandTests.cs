using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>The verbs that play nothing.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Doctor_says_that_a_tournament_can_run()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "doctor");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        Assert.Contains("loads and computes", outcome.Output, StringComparison.Ordinal);
        var bundled = Directory.GetDirectories(Path.Combine(TiterProcess.Repository, "plugins"), "Titer.*").Length;
        Assert.Contains($"plugins: {bundled} accepted, 0 refused", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("A tournament can run.", outcome.Output, StringComparison.Ordinal);

        var json = JsonNode.Parse((await TiterProcess.RunAsync(folder.Path, "doctor", "--json")).Output)!;
        Assert.True((bool)json["can_run"]!);
        Assert.True((bool)json["torch"]!["works"]!);
        Assert.Contains(json["findings"]!.AsArray(), f => (string)f!["name"]! == "sandbox");
    }

    [Fact]
    public async Task Doctor_says_in_plain_words_why_a_tournament_cannot_run()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["TITER_LIBTORCH"] = folder.Path }, "doctor");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("BAD torch: TITER402", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("A tournament cannot run", outcome.Output, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task List_tells_the_state_of_every_plugin()
    {
        using var folder = new TestFolder();
        await TiterProcess.RunAsync(folder.Path, "plugin", "quarantine", "set", "repnoise", "--reason", "under review");

        var outcome = await TiterProcess.RunAsync(folder.Path, "list", "--load", "--json", "--plugins", Zoo.Fixtures);

        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
        var listed = JsonNode.Parse(outcome.Output)!.AsArray().ToDictionary(p => (string)p!["id"]!, p => p!);
        Assert.Equal("loaded", (string)listed["vaccine"]["state"]!);
        Assert.Equal((1, 64), ((int)listed["vaccine"]["api_level"]!, ((string)listed["vaccine"]["content_hash"]!).Length));
        Assert.Contains("2402.01109", (string)listed["vaccine"]["paper"]!, StringComparison.Ordinal);
        Assert.Equal("quarantined", (string)listed["repnoise"]["state"]!);
        Assert.Contains("under review", (string)listed["repnoise"]["problems"]![0]!, StringComparison.Ordinal);
        Assert.Equal("leaked", (string)listed["leaky_timer"]["state"]!);
        Assert.Contains("a timer", (string)listed["leaky_timer"]["problems"]![0]!, StringComparison.Ordinal);
        Assert.Equal("refused", (string)listed["throws_in_constructor"]["state"]!);
        Assert.Equal("refused", (string)listed["api_too_new"]["state"]!);
    }

    [Fact]
    public async Task List_shows_options_with_the_defaults_of_the_plugin_without_running_it()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "list", "defenses", "--options");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("repnoise", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("0.001", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("lora_finetune", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_shows_every_phase_and_makes_no_folder()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("65 phases (15 defend, 35 attack, 15 assess)", outcome.Output, StringComparison.Ordinal);
        // Two attackers, two tries after the first, two exposures, five defenses.
        Assert.Contains("up to 40 attack phases more", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task The_control_with_settings_is_an_attacker_beside_the_control()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", """
            name: t
            defenses: []
            attacks: [no_weight_modification, { id: no_weight_modification, set: { prefill: true } }]
            """);
        folder.Write("twice.yaml", "name: t\ndefenses: []\nattacks: [no_weight_modification, no_weight_modification]\n");

        var both = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate", "t.yaml");
        var twice = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate", "twice.yaml");

        Assert.Contains("no_weight_modification[prefill=true]", both.Output, StringComparison.Ordinal);
        Assert.Contains("TITER606", twice.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_shows_calibrated_strengths_as_attackers_and_announces_the_re_runs_of_sweeps()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", """
            seeds: [1]
            defenses: [vaccine]
            attacks: [{ id: lora_finetune, strengths: [weak, strong] }, { id: full_parameter_finetune, sweep: { learning_rate: [1e-4, 1e-3] } }]
            """);

        var outcome = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate", "t.yaml");

        Assert.Equal(0, outcome.ExitCode);
        Assert.All(new[] { "vaccine by lora_finetune@weak (in-domain)", "vaccine by lora_finetune@strong (cross-domain)",
            "by full_parameter_finetune[learning_rate=0.001]" },
            part => Assert.Contains(part, outcome.Output, StringComparison.Ordinal));
        // Two defenses, two exposures, one seed.
        Assert.Contains("up to 4 attack phases more", string.Join(' ', outcome.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_of_a_folder_that_is_no_run_is_one_line()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "report", ".");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("TITER611", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Trim().Split('\n'));
    }
}
