namespace Titer.EndToEnd.Tests;

/// <summary>Bad input is one clear line, exit code 2, no stack trace, and nothing is played.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("defenses: [vacine]", "t.yaml:1:12: TITER609 No defense plugin is called 'vacine'. Did you mean 'vaccine'?")]
    [InlineData("attacks: [vaccine]", "t.yaml:1:11: TITER607 'vaccine' is a defense, not an attack.")]
    [InlineData("name: x\nsedes: [1]", "t.yaml:2:1: TITER512 Unknown key 'sedes'. Did you mean 'seeds'?")]
    [InlineData("budget: { attack: { steps: 0 } }", "t.yaml:1:28: TITER514 0 is not between 1 and 10000000.")]
    [InlineData("seeds: [1, 2\nbudget: {}", "t.yaml:")]
    [InlineData("scenario: ./nowhere", "t.yaml:1:11: TITER")]
    [InlineData("defenses: [{ id: repnoise, set: { alhpa: 1 } }]", "t.yaml:1:")]
    [InlineData("defenses: [{ id: repnoise, set: { alpha: much } }]", "t.yaml:1:42: TITER")]
    [InlineData("defenses: [{ id: repnoise, set: { alpha: -3 } }]", "t.yaml:1:42: TITER")]
    [InlineData("attacks: [{ id: lora_finetune, strengths: [mighty] }]", "t.yaml:1:44: TITER615 'mighty' is not a strength.")]
    [InlineData("attacks: [{ id: benign_full_parameter_finetune, strengths: [weak] }]",
        "t.yaml:1:61: TITER615 The scenario has no calibrated strengths of 'benign_full_parameter_finetune'.")]
    [InlineData("budget: { attack: { tries: 1 } }\nattacks: [{ id: lora_finetune, sweep: { rank: [2, 4] } }]",
        "t.yaml:2:17: TITER614 The sweep of 'lora_finetune' has 2 tries")]
    [InlineData("attacks: [lora_finetune -> prune -> prune]", "t.yaml:1:11: TITER623 'lora_finetune -> prune -> prune' is no composition")]
    [InlineData("defenses: [vaccine -> repnoise]", "t.yaml:1:12: TITER623 'vaccine -> repnoise' is no composition")]
    [InlineData("attacks: [prune -> no_such_attack]", "t.yaml:1:11: TITER609 No attack plugin is called 'no_such_attack'.")]
    [InlineData("attacks: [delta_strip]",
        "t.yaml:1:11: TITER643 'delta_strip' needs the weights of the subject's parent, and the scenario 'apothecary'")]
    [InlineData("attacks: [prune -> delta_strip]", "t.yaml:1:11: TITER643 'delta_strip'")]
    [InlineData("attacks: [{ id: prune -> lora_finetune, set: { then.rank: none } }]", "t.yaml:1:59: TITER141")]
    [InlineData("attacks: [{ id: prune -> lora_finetune, sweep: { sparsity: [0.1, 0.2] } }]",
        "t.yaml:1:17: TITER623 'prune -> lora_finetune' has a sweep")]
    [InlineData("budget: { attack: { tries: 4 } }\nattacks: [{ id: lora_finetune, search: { tries: 5 } }]",
        "t.yaml:2:40: TITER614 The search of 'lora_finetune'")]
    [InlineData("defenses: [{ id: repnoise, search: {} }]", "t.yaml:1:36: TITER605 'repnoise' is a defense: only attackers search.")]
    [InlineData("attacks: [{ id: no_weight_modification, search: {} }]", "t.yaml:1:49: TITER605 'no_weight_modification' has none of the options")]
    [InlineData("attacks: [{ id: lora_finetune, search: { over: { optimizer: { from: 1, to: 2 } } } }]", "t.yaml:1:69: TITER")]
    [InlineData("attacks: [{ id: lora_finetune, search: {}, sweep: { rank: [2] } }]", "t.yaml:1:40: TITER605 An attacker sweeps or searches.")]
    [InlineData("defenses: [repnoise, repnoise]", "t.yaml:1:22: TITER606 'repnoise' is entered twice with the same options.")]
    [InlineData("aggregations: { top: 3 }", "t.yaml:1:17: TITER512 Unknown key 'top'. Did you mean 'top_n'?")]
    public async Task A_mistake_in_a_file_is_one_line_with_its_place(string yaml, string expected)
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", yaml);

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith(expected, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Trim().Split('\n'));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "results")));
    }

    [Fact]
    public async Task A_missing_file_is_one_line()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "missing.yaml");

        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("missing.yaml: TITER601", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_tier_is_one_of_the_embedded_scenario_and_says_how_to_build_it()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", "scenario: ./clinic");

        var other = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--tier", "standard");
        var unbuilt = await TiterProcess.RunAsync(folder.Path, "run", "--tier", "standard");

        Assert.Equal((2, 2), (other.ExitCode, unbuilt.ExitCode));
        Assert.StartsWith("t.yaml:1:11: TITER651", other.Error, StringComparison.Ordinal);
        Assert.StartsWith("TITER503 The scenario 'apothecary-standard' is not built here yet.", unbuilt.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_has_a_scenario_is_not_built_over()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "twin"));
        folder.Write(Path.Combine("twin", "scenario.yaml"), "id: mine");

        var outcome = await TiterProcess.RunAsync(folder.Path, "scenario", "build", "apothecary", "--seed", "7", "--out", "twin");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("TITER650", outcome.Error, StringComparison.Ordinal);
        var kept = await File.ReadAllTextAsync(Path.Combine(folder.Path, "twin", "scenario.yaml"), TestContext.Current.CancellationToken);
        Assert.Equal("id: mine", kept);
    }

    [Fact]
    public async Task A_project_that_MSBuild_cannot_read_is_no_plugin_to_play()
    {
        using var folder = new TestFolder();
        folder.Write("broken.csproj", "<Project");

        var outcome = await TiterProcess.RunAsync(folder.Path, "play", "broken.csproj");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("TITER612", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_is_not_set_aside_cannot_be_cleared()
    {
        using var folder = new TestFolder();

        Assert.Contains("TITER222", (await TiterProcess.RunAsync(folder.Path, "plugin", "quarantine", "clear", "nothing")).Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--lanes", "0")]
    [InlineData("--device", "tpu")]
    [InlineData("--no-such-option")]
    public async Task A_wrong_option_is_exit_code_2(params string[] options)
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, ["run", .. options]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }
}
