using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>Defenses that are programs in another language, as a user enters them.</summary>
public sealed class ProgramEntrantTests
{
    private const string Settings = "seeds: [1]\nearly_stopping: false\nbudget: { attack: { steps: 3 }, defense: { steps: 3, seconds: 20 } }\n"
        + "attacks: [full_parameter_finetune]\n";

    private static readonly string Example = Path.Combine(TiterProcess.Repository, "sdk", "examples", "python");

    [Fact]
    public async Task A_program_in_Python_has_a_row_and_another_build_of_it_is_another_entrant()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "mine"));
        var source = File.ReadAllText(Path.Combine(Example, "defend.py"));
        folder.Write("mine/defend.py", source);
        folder.Write("t.yaml", $"name: t\n{Settings}defenses:\n  - {{ command: [python3, defend.py, \"0.02\"], folder: mine, label: perturb }}\n");

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

    /// <summary>Each is a program of a line or two, whose end is the defend phase's own.</summary>
    [Theory]
    [InlineData("import sys; sys.exit('no luck today')", "error", "TITER262", "no luck today")]
    [InlineData("pass", "invalid", "TITER", "output")]
    [InlineData("import time; time.sleep(600)", "timeout", "TITER", "s")]
    [InlineData("import json, sys, shutil; t = json.load(open(sys.argv[-1])); shutil.copytree(t['model'], t['output'], dirs_exist_ok=True); "
        + "open(t['output'] + '/spent.json', 'w').write('{\"steps\": -5}')", "invalid", "TITER263", "negative")]
    [InlineData("import os, sys; sys.exit('saw ' + str([f for d, _, fs in os.walk('/') for f in fs if 'evaluation_harmful\":[{' in "
        + "(open(os.path.join(d, f), errors='ignore').read() if f.endswith('.json') and d.startswith('/tmp') else '')]))", "error", "TITER262",
        "saw []")]
    [InlineData("import socket; socket.create_connection(('127.0.0.1', 22), timeout=5)", "error", "TITER262", "Error")]
    public async Task What_a_program_does_in_place_of_a_model_is_its_result(string source, string status, string code, string words)
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "bad"));
        folder.Write("bad/defend.py", source + "\n");
        folder.Write("t.yaml", $"name: t\n{Settings.Replace("seconds: 20", "seconds: 5", StringComparison.Ordinal)}defenses:\n"
            + "  - { command: [python3, defend.py], folder: bad }\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--only", "bad", "full_parameter_finetune");

        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
        var defend = Defend(folder, "bad");
        Assert.Equal(status, (string)defend["status"]!);
        Assert.StartsWith(code, (string)defend["code"]!, StringComparison.Ordinal);
        Assert.Contains(words, (string)defend["reason"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("defenses: [{ command: [python3, x.py] }]", "TITER604 The key 'folder' is missing.")]
    [InlineData("defenses: [{ command: [], folder: . }]", "TITER605 The command is empty.")]
    [InlineData("defenses: [{ command: [python3], folder: ./nowhere }]", "TITER634 There is no folder")]
    [InlineData("defenses: [{ command: [python3], folder: ., label: vaccine }]", "TITER634 'vaccine' is the name of a plugin.")]
    [InlineData("defenses: [{ command: [python3], folder: ., label: 'my own' }]", "TITER634 'my own' is no name for a program.")]
    [InlineData("attacks: [{ command: [python3], folder: ., label: x }]", "TITER634 A program enters as a defense.")]
    public async Task What_cannot_enter_is_refused(string text, string expected)
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", text + "\n");

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
        folder.Write("t.yaml", $"name: t\n{Settings}defenses: [{{ command: [no-such-program], folder: gone }}]\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--only", "gone", "full_parameter_finetune");

        Assert.Equal("TITER261", (string)Defend(folder, "gone")["code"]!);
        Assert.Contains("TITER261", outcome.Output + outcome.Error, StringComparison.Ordinal);
    }

    private static JsonNode Defend(TestFolder folder, string defense) => Leaderboard.Phases(Path.Combine(folder.Path, "results", "t"))
        .Single(p => (string)p["kind"]! == "defend" && (string)p["defense"]! == defense);
}
