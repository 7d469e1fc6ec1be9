using System.Diagnostics;

namespace Titer.EndToEnd.Tests;

/// <summary>What is found and does not play is said; slips in arguments are one line; what is piped is whole.</summary>
public sealed class SaidNotSwallowedTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task A_pipe_in_a_plugin_folder_is_listed_as_refused_and_not_waited_for()
    {
        using var folder = new TestFolder();
        var plugin = Copy(folder, "GoodDefense");
        using (var made =
            Process.Start("mkfifo", [Path.Combine(plugin, "data.pipe")])) await made.WaitForExitAsync(TestContext.Current.CancellationToken);

        var outcome = await TiterProcess.RunAsync(folder.Path, Patience, "list", "--plugins", "plugins");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("TITER120 The folder of 'GoodDefense' holds 'data.pipe'", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_plugins_missing_folders_and_hidden_builds_are_said_by_plan()
    {
        using var folder = new TestFolder();
        Copy(folder, "ApiTooNew");
        Copy(folder, "GoodDefense");
        folder.Write("t.yaml", "seeds: [1]\nplugins: [./plugins, ./missing]\nattacks: [no_weight_modification]\n");
        folder.Write("named.yaml", "seeds: [1]\nplugins: [./plugins]\ndefenses: [api_too_new]\nattacks: [no_weight_modification]\n");

        var named = await TiterProcess.RunAsync(folder.Path, Patience, "plan", "--no-estimate", "named.yaml");
        Assert.Single(named.Error.Split('\n'), line =>
            line.StartsWith("Not played: api_too_new: TITER102 The plugin was refused", StringComparison.Ordinal));

        var outcome = await TiterProcess.RunAsync(folder.Path, Patience, "plan", "--no-estimate", "t.yaml", "--plugins",
            Path.Combine(Zoo.Fixtures, "GoodDefense"));

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("Not played: api_too_new: TITER102", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("Not played: missing: TITER100", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Split('\n'), line => line.StartsWith("TITER125 The 'good_defense'", StringComparison.Ordinal));
        Assert.Contains("good_defense", outcome.Output, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task Rows_that_are_cut_or_left_out_are_said_by_plan_and_run_as_the_check_says_them()
    {
        using var folder = new TestFolder();
        var settings = OwnRows.Write(folder, "own", rows =>
        {
            var row = rows["attacker_harmful"][0];
            row["response"] = string.Join(' ', Enumerable.Repeat((string)row["response"]!, 9));
        });
        settings = settings.Replace("data:\n", "data:\n  max_length: 60\n", StringComparison.Ordinal)
            .Replace("attacker_benign.jsonl", "attacker_benign.jsonl, where: { domain: tea }", StringComparison.Ordinal);
        folder.Write("own/scenario.yaml", settings);
        folder.Write("t.yaml", "scenario: ./own\nseeds: [1]\nplugins: [./missing]\nbudget: { attack: { steps: 1 }, defense: { steps: 1 } }\n"
            + "defenses: []\nattacks: [no_weight_modification]\n");

        var plan = await TiterProcess.RunAsync(folder.Path, Patience, "plan", "--no-estimate", "t.yaml");
        var run = await TiterProcess.RunAsync(folder.Path, Patience, "run", "t.yaml");
        var check = await TiterProcess.RunAsync(folder.Path, Patience, "scenario", "check", "./own");

        const string Cut = "attacker_harmful: 1 of 8 rows are longer than max_length 60 and truncated on the right";
        foreach (var said in new[] { plan, run })
        {
            Assert.True(said.ExitCode == 0, said.Output + said.Error);
            Assert.Equal(
                ["Data: attacker_benign: 4 left out: not what 'where' asks for", "Data: " + Cut],
                said.Error.Split('\n').Where(line => line.StartsWith("Data: ", StringComparison.Ordinal)));
            Assert.Contains("Not played: missing: TITER100", said.Error, StringComparison.Ordinal);
        }

        Assert.Contains(Cut, check.Output.Split('\n'));
    }

    [Theory]
    [InlineData("run", "--out", "")]
    [InlineData("list", "--plugins", "")]
    [InlineData("play", "")]
    public async Task An_empty_argument_is_one_line(params string[] args)
    {
        using var folder = new TestFolder();
        var outcome = await TiterProcess.RunAsync(folder.Path, Patience, args);
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("TITER622 An argument is empty", Assert.Single(outcome.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sandbox_program_that_may_not_be_executed_is_as_good_as_none_and_that_is_said()
    {
        using var folder = new TestFolder();
        var bin = Directory.CreateDirectory(Path.Combine(folder.Path, "bin")).FullName;
        await File.WriteAllTextAsync(Path.Combine(bin, "bwrap"), "x", TestContext.Current.CancellationToken);
        var path = new Dictionary<string, string> { ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}" };
        var passedBy = await TiterProcess.RunAsync(folder.Path, path, "doctor");
        Assert.True(passedBy.ExitCode == 0, passedBy.Output + passedBy.Error);

        using (var chmod =
            Process.Start("chmod", ["u+x", Path.Combine(bin, "bwrap")])) await chmod.WaitForExitAsync(TestContext.Current.CancellationToken);
        var broken = await TiterProcess.RunAsync(folder.Path, path, "doctor");
        Assert.True(broken.ExitCode == 0, broken.Output + broken.Error);
        Assert.Contains("bwrap cannot be started: ", broken.Output, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task Tables_with_many_attackers_and_long_labels_are_whole_at_80_columns_and_when_piped()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", """
            seeds: [1]
            budget: { attack: { steps: 1 }, defense: { steps: 1 } }
            defenses: []
            attacks:
              - { id: full_parameter_finetune, set: { learning_rate: 1e-5, batch_size: 4 } }
              - { id: full_parameter_finetune, set: { learning_rate: 1e-4, batch_size: 8 } }
              - { id: lora_finetune, strengths: [weak, medium, strong] }
            """);
        var piped = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--out", "out");
        Assert.True(piped.ExitCode == 0, piped.Output + piped.Error);
        Assert.Contains(piped.Output.Split('\n'),
            line => line.Contains("full_parameter_finetune[batch_size=4 learning_rate=0.00001] in-dom", StringComparison.Ordinal)
            && line.Contains("lora_finetune@strong cross-d", StringComparison.Ordinal));

        var narrow = await TiterProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["COLUMNS"] = "80" }, "report", "out");
        var lines = narrow.Output.Split('\n');
        Assert.Contains("  full_parameter#2 = full_parameter_finetune[batch_size=4 learning_rate=0.00001]", lines);
        Assert.Contains("(highest harmfulness), 1 to ", narrow.Output, StringComparison.Ordinal);
        // A column that is too narrow is one of single letters.
        Assert.DoesNotContain(lines, line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: > 3 } words
            && words.Skip(1).All(w => w.Length == 1 && char.IsLetter(w[0])));
    }

    private static string Copy(TestFolder folder, string fixture)
    {
        var target = Path.Combine(folder.Path, "plugins", fixture);
        Titer.Files.FolderCopy.Copy(Path.Combine(Zoo.Fixtures, fixture), target);
        return target;
    }
}
