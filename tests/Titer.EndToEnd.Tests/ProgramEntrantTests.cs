using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>Defenses and attacks that are programs in another language, as a user enters them.</summary>
public sealed class ProgramEntrantTests
{
    private const string Settings = "seeds: [1]\nearly_stopping: false\nbudget: { attack: { steps: 3 }, defense: { steps: 3, seconds: 20 } }\n"
        + "attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]\n";

    private static readonly string Example = Path.Combine(TiterProcess.Repository, "sdk", "examples", "python");

    [SampledFact]
    public async Task A_program_in_Python_has_a_row_and_another_build_of_it_is_another_entrant()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "mine"));
        var source = File.ReadAllText(Path.Combine(Example, "defend.py"));
        folder.Write("mine/defend.py", source);
        folder.WriteTournament("t.yaml",
            $"name: t\n{Settings}defenses:\n  - {{ command: [python3, defend.py, \"0.02\"], folder: mine, label: perturb }}\n");

        var first = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");
        var again = await TiterProcess.RunAsync(folder.Path, "run", Path.Combine("results", "t", "run.yaml"), "--out", Path.Combine("results", "t"));
        var made = Defend(folder, "perturb");
        folder.Write("mine/defend.py", source.Replace("noise.gauss", "-noise.gauss", StringComparison.Ordinal));
        var other = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.All([first, again, other], outcome => Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error));
        Assert.Contains("0 of ", again.Output, StringComparison.Ordinal);
        Assert.Equal("done", (string)made["status"]!);
        Assert.Equal(1, (int)made["spent"]!["steps"]!);
        Assert.True((double)made["spent"]!["wall_seconds"]! > 0, "Its seconds are counted from outside.");
        string[] hashes = [.. Leaderboard.Phases(Path.Combine(folder.Path, "results", "t")).Where(p => (string)p["kind"]! == "defend")
            .Select(p => (string)p["weights_hash"]!)];
        Assert.Equal(3, hashes.Distinct().Count());
        var board = File.ReadAllText(Path.Combine(folder.Path, "results", "t", "leaderboard.json"));
        Assert.Contains("The steps of perturb are the word of a program of its own", board, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task An_attack_in_Python_is_measured_at_its_points_and_of_one_that_leaves_its_end_alone_that_is_said()
    {
        const string Settings = "seeds: [1]\nearly_stopping: false\nbudget: { attack: { steps: 3, seconds: 60 }, defense: { steps: 3 } }\n";
        const string OnlyEnd =
            "import json, sys, shutil; t = json.load(open(sys.argv[-1])); assert t['kind'] == 'attack' and t['points'] == [1, 2, 3]; "
            + "assert 'refusal' not in open(t['harmful']).readline(); shutil.copytree(t['model'], t['output'], dirs_exist_ok=True)\n";
        using var folder = new TestFolder();
        foreach (var mine in (string[])["walk", "end"]) Directory.CreateDirectory(Path.Combine(folder.Path, mine));
        folder.Write("walk/attack.py", File.ReadAllText(Path.Combine(Example, "attack.py")));
        folder.Write("end/attack.py", OnlyEnd);
        folder.WriteTournament("t.yaml", $"name: t\n{Settings}defenses: [no_defense]\nattacks:\n"
            + "  - { command: [python3, attack.py, \"0.5\"], folder: walk, label: random_walk }\n"
            + "  - { command: [python3, attack.py], folder: end, label: copied }\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        JsonNode Attack(string label) => Leaderboard.Phases(Path.Combine(folder.Path, "results", "t"))
            .First(p => (string)p["kind"]! == "attack" && (string)p["attack"]! == label && (string)p["exposure"]! == "in_domain");
        int[] Steps(string label) => [.. Attack(label)["trajectory"]!["checkpoints"]!.AsArray().Select(c => (int)c!["step"]!)];
        Assert.Equal([0, 1, 2, 3], Steps("random_walk"));
        Assert.Equal([0, 3], Steps("copied"));
        Assert.Equal(3, (int)Attack("random_walk")["spent"]!["steps"]!);
        var board = File.ReadAllText(Path.Combine(folder.Path, "results", "t", "leaderboard.json"));
        Assert.Contains("The steps of random_walk, copied are the word of a program of its own", board, StringComparison.Ordinal);
        Assert.Contains("Of copied only the end was measured", board, StringComparison.Ordinal);
    }

    /// <summary>It says one step, and computes for more seconds than any interpreter takes to start.</summary>
    [SampledFact]
    public async Task An_attack_in_Python_that_computes_far_more_than_its_steps_take_is_marked_as_a_defense_is()
    {
        const string Settings = "seeds: [1]\nearly_stopping: false\nbudget: { attack: { steps: 3, seconds: 120 }, defense: { steps: 3 } }\n";
        using var folder = new TestFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "burns"));
        folder.Write("burns/attack.py", "import json, shutil, sys, time\nt = json.load(open(sys.argv[-1]))\n"
            + "shutil.copytree(t['model'], t['output'], dirs_exist_ok=True)\n"
            + "open(t['output'] + '/spent.json', 'w').write('{\"steps\": 1}')\n"
            + "while time.process_time() < 15: pass\n");
        folder.WriteTournament("t.yaml", $"name: t\n{Settings}defenses: [no_defense]\nattacks:\n  - full_parameter_finetune\n"
            + "  - { command: [python3, attack.py], folder: burns, label: burns }\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--only", "no_defense", "full_parameter_finetune", "burns");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        var attacks = Leaderboard.Phases(Path.Combine(folder.Path, "results", "t")).Where(p => (string?)p["attack"] == "burns").ToArray();
        Assert.NotEmpty(attacks);
        Assert.All(attacks, p => Assert.True((double)p["processor_seconds"]! >= 14, $"{p["processor_seconds"]}"));
        Assert.All(attacks, p => Assert.Equal(1, (int)p["spent"]!["steps"]!));
        Assert.Matches("burns says that it took [0-9]+ steps and computed [0-9]+ seconds, as long as about [0-9]+ steps of ordinary training",
            File.ReadAllText(Path.Combine(folder.Path, "results", "t", "leaderboard.json")));
    }

    /// <summary>Each is a program of a line or two, whose end is the defend phase's own.</summary>
    public static IEnumerable<TheoryDataRow<string, string, string, string>> Misdeeds => Sampled.From<TheoryDataRow<string, string, string, string>>(
    [
        new("import sys; sys.exit('no luck today')", "error", "TITER262", "no luck today"),
        new("pass", "invalid", "TITER", "output"),
        new("import time; time.sleep(600)", "timeout", "TITER", "s"),
        new("import json, sys, shutil; t = json.load(open(sys.argv[-1])); shutil.copytree(t['model'], t['output'], dirs_exist_ok=True); "
        + "open(t['output'] + '/spent.json', 'w').write('{\"steps\": -5}')", "invalid", "TITER263", "negative"),
        new("import os, sys; sys.exit('saw ' + str([f for d, _, fs in os.walk('/') for f in fs if 'evaluation_harmful\":[{' in "
        + "(open(os.path.join(d, f), errors='ignore').read() if f.endswith('.json') and d.startswith('/tmp') else '')]))", "error", "TITER262",
        "saw []"),
        new("import socket; socket.create_connection(('127.0.0.1', 22), timeout=5)", "error", "TITER262", "Error"),
    ], 3);

    [SampledTheory]
    [MemberData(nameof(Misdeeds))]
    public async Task What_a_program_does_in_place_of_a_model_is_its_result(string source, string status, string code, string words)
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "bad"));
        folder.Write("bad/defend.py", source + "\n");
        folder.WriteTournament("t.yaml", $"name: t\n{Settings.Replace("seconds: 20", "seconds: 5", StringComparison.Ordinal)}defenses:\n"
            + "  - { command: [python3, defend.py], folder: bad }\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--only", "bad", "full_parameter_finetune");

        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
        var defend = Defend(folder, "bad");
        Assert.Equal(status, (string)defend["status"]!);
        Assert.StartsWith(code, (string)defend["code"]!, StringComparison.Ordinal);
        Assert.Contains(words, (string)defend["reason"]!, StringComparison.Ordinal);
    }

    /// <summary>Steps are its word; what it computed, and what it left running, is seen from outside.</summary>
    [SampledTheory]
    [InlineData("on")]
    [InlineData("landlock")]
    [InlineData("off")]
    public async Task What_a_program_computes_without_a_step_is_measured_and_what_it_leaves_running_ends_with_its_phase(string sandbox)
    {
        using var folder = new TestFolder();
        var mark = $"titer-test-{Guid.NewGuid():N}";
        Directory.CreateDirectory(Path.Combine(folder.Path, "sly"));
        folder.Write("sly/defend.py", "import json, shutil, subprocess, sys, time\nt = json.load(open(sys.argv[-1]))\n"
            + "shutil.copytree(t['model'], t['output'], dirs_exist_ok=True)\n"
            + "open(t['output'] + '/spent.json', 'w').write('{\"steps\": 0}')\n"
            + $"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(900)', '{mark}'])\n"
            + "while time.process_time() < 3: pass\n");
        folder.WriteTournament("t.yaml", $"name: t\n{Settings}defenses:\n  - {{ command: [python3, defend.py], folder: sly }}\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--only", "sly", "full_parameter_finetune", "--sandbox", sandbox);

        if (outcome.Error.Contains("TITER613", StringComparison.Ordinal)) Assert.Skip($"No sandbox here: {outcome.Error}");
        var defend = Defend(folder, "sly");
        Assert.True((string)defend["status"]! == "done", $"{outcome.Output}{outcome.Error}{defend["reason"]}");
        Assert.Equal(0, (int)defend["spent"]!["steps"]!);
        Assert.True((double)defend["processor_seconds"]! >= 2.5, $"{defend["processor_seconds"]}");
        Assert.DoesNotContain(Directory.GetDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)), p => Runs(p, mark));
    }

    private static bool Runs(string process, string mark)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(mark, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile.
            return false;
        }
    }

    [Theory]
    [SampledData("defenses: [{ command: [python3, x.py] }]", "TITER604 The key 'folder' is missing.")]
    [SampledData("defenses: [{ command: [], folder: . }]", "TITER605 The command is empty.")]
    [SampledData("defenses: [{ command: [python3], folder: ./nowhere }]", "TITER634 There is no folder")]
    [SampledData("defenses: [{ command: [python3], folder: ., label: vaccine }]", "TITER634 'vaccine' is the name of a plugin.")]
    [SampledData("defenses: [{ command: [python3], folder: ., label: 'my own' }]", "TITER634 'my own' is no name for a program.")]
    [SampledData("attacks: [{ command: [python3], folder: ./nowhere, label: x }]", "TITER634 There is no folder")]
    public async Task What_cannot_enter_is_refused(string text, string expected)
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", text + "\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "plan", "t.yaml");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(expected, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_said()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "gone"));
        folder.Write("gone/readme.txt", "Nothing to start.\n");
        folder.WriteTournament("t.yaml", $"name: t\n{Settings}defenses: [{{ command: [no-such-program], folder: gone }}]\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--only", "gone", "full_parameter_finetune");

        Assert.Equal("TITER261", (string)Defend(folder, "gone")["code"]!);
        Assert.Contains("TITER261", outcome.Output + outcome.Error, StringComparison.Ordinal);
    }

    private static JsonNode Defend(TestFolder folder, string defense) => Leaderboard.Phases(Path.Combine(folder.Path, "results", "t"))
        .Single(p => (string)p["kind"]! == "defend" && (string)p["defense"]! == defense);
}
