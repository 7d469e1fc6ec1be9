namespace Titer.EndToEnd.Tests;

/// <summary>Bad input is one clear line, exit code 2, no stack trace, and nothing is played.</summary>
public sealed class BadInputTests
{
    [Theory]
    [SampledData("defenses: [vacine]", "t.yaml:1:12: TITER609 No defense plugin is called 'vacine'. Did you mean 'vaccine'?")]
    [SampledData("attacks: [vaccine]", "t.yaml:1:11: TITER607 'vaccine' is a defense, not an attack.")]
    [SampledData("name: x\nsedes: [1]", "t.yaml:2:1: TITER512 Unknown key 'sedes'. Did you mean 'seeds'?")]
    [SampledData("budget: { attack: { steps: 0 } }", "t.yaml:1:28: TITER514 0 is not between 1 and 10000000.")]
    [SampledData("seeds: [1, 2\nbudget: {}", "t.yaml:")]
    [SampledData("scenario: ./nowhere", "t.yaml:1:11: TITER")]
    [SampledData("defenses: [{ id: repnoise, set: { alhpa: 1 } }]", "t.yaml:1:")]
    [SampledData("defenses: [{ id: repnoise, set: { alpha: much } }]", "t.yaml:1:42: TITER")]
    [SampledData("defenses: [{ id: repnoise, set: { alpha: -3 } }]", "t.yaml:1:42: TITER")]
    [SampledData("attacks: [{ id: lora_finetune, strengths: [mighty] }]", "t.yaml:1:44: TITER615 'mighty' is not a strength.")]
    [SampledData("attacks: [{ id: benign_full_parameter_finetune, strengths: [weak] }]",
        "t.yaml:1:61: TITER615 The scenario has no calibrated strengths of 'benign_full_parameter_finetune'.")]
    [SampledData("budget: { attack: { tries: 1 } }\nattacks: [{ id: lora_finetune, sweep: { rank: [2, 4] } }]",
        "t.yaml:2:17: TITER614 The sweep of 'lora_finetune' has 2 tries")]
    [SampledData("attacks: [lora_finetune -> prune -> prune]", "t.yaml:1:11: TITER623 'lora_finetune -> prune -> prune' is no composition")]
    [SampledData("defenses: [vaccine -> repnoise]", "t.yaml:1:12: TITER623 'vaccine -> repnoise' is no composition")]
    [SampledData("attacks: [prune -> no_such_attack]", "t.yaml:1:11: TITER609 No attack plugin is called 'no_such_attack'.")]
    [SampledData("attacks: [delta_strip]",
        "t.yaml:1:11: TITER643 'delta_strip' needs the weights of the subject's parent, and the scenario 'apothecary'")]
    [SampledData("attacks: [prune -> delta_strip]", "t.yaml:1:11: TITER643 'delta_strip'")]
    [SampledData("attacks: [{ id: prune -> lora_finetune, set: { then.rank: none } }]", "t.yaml:1:59: TITER141")]
    [SampledData("attacks: [{ id: prune -> lora_finetune, sweep: { sparsity: [0.1, 0.2] } }]",
        "t.yaml:1:17: TITER623 'prune -> lora_finetune' has a sweep")]
    [SampledData("budget: { attack: { tries: 4 } }\nattacks: [{ id: lora_finetune, search: { tries: 5 } }]",
        "t.yaml:2:40: TITER614 The search of 'lora_finetune'")]
    [SampledData("defenses: [{ id: repnoise, search: {} }]", "t.yaml:1:36: TITER605 'repnoise' is a defense: only attackers search.")]
    [SampledData("attacks: [{ id: no_weight_modification, search: {} }]", "t.yaml:1:49: TITER605 'no_weight_modification' has none of the options")]
    [SampledData("attacks: [{ id: lora_finetune, search: { over: { optimizer: { from: 1, to: 2 } } } }]", "t.yaml:1:69: TITER")]
    [SampledData("attacks: [{ id: lora_finetune, search: {}, sweep: { rank: [2] } }]", "t.yaml:1:40: TITER605 An attacker sweeps or searches.")]
    [SampledData("defenses: [repnoise, repnoise]", "t.yaml:1:22: TITER606 'repnoise' is entered twice with the same options.")]
    [SampledData("aggregations: { top: 3 }", "t.yaml:1:17: TITER512 Unknown key 'top'. Did you mean 'top_n'?")]
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
    [SampledData("--lanes", "0")]
    [SampledData("--device", "tpu")]
    [SampledData("--no-such-option")]
    public async Task A_wrong_option_is_exit_code_2(params string[] options)
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, ["run", .. options]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }
}
