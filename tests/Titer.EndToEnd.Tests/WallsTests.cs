using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace Titer.EndToEnd.Tests;

/// <summary>The walls around a stranger's code are tried before it runs, hold while it does, and nothing that it wrote counts as a result.</summary>
[SupportedOSPlatform("linux")]
public sealed class WallsTests
{
    private const string Strangers = "name: t\nseeds: [1]\nbudget: { attack: { steps: 1 }, defense: { steps: 1, seconds: 20 } }\n";

    [Fact]
    public async Task Behind_the_walls_no_system_call_that_leads_out_is_answered_and_other_plugins_weights_are_not_there()
    {
        using var folder = new TestFolder();
        var weights = Path.Combine(folder.Path, "results", "t", "weights");
        folder.WriteTournament("t.yaml",
            $"{Strangers}defenses: [safety_sft]\nattacks: [{{ id: climbs_walls, set: {{ weights: '{weights}' }} }}]\n");

        var outcome = await RunAsync(folder, "--sandbox", "on");

        Assert.Contains("tried behind them, and refused", outcome.Output, StringComparison.Ordinal);
        var cell = Leaderboard.Read(Path.Combine(folder.Path, "results", "t")).Cell("safety_sft", "climbs_walls", "none");
        Assert.Contains("could: nothing", (string)cell["reason"]!, StringComparison.Ordinal);
        // What it looked for was there.
        Assert.True(Directory.GetDirectories(weights).Length > 1);
    }

    [SampledFact]
    public async Task Threads_without_end_end_their_phase()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", $"{Strangers}defenses: [climbs_walls_defense]\nattacks: []\n");

        await RunAsync(folder, "--sandbox", "auto");

        var row = Leaderboard.Read(Path.Combine(folder.Path, "results", "t")).Row("climbs_walls_defense");
        Assert.Equal(("error", "TITER238"), ((string)row["status"]!, (string)row["code"]!));
    }

    [SampledFact]
    public async Task Without_a_sandbox_strangers_do_not_play_unless_the_operator_says_so()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", $"{Strangers}defenses: [unchanged_model]\nattacks: []\n");
        folder.WriteTournament("own.yaml", $"{Strangers}defenses: [safety_sft]\nattacks: []\n");
        var nothing = NoSandbox.In(folder.Path);

        var refused = await RunInAsync(folder, nothing, "t.yaml", "--sandbox", "auto");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("TITER624 unchanged_model did not come with titer", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--sandbox off", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "results", "t", "phases")));
        var demanded = await RunInAsync(folder, nothing, "t.yaml", "--sandbox", "landlock");
        Assert.Contains("TITER613 --sandbox landlock: this kernel has no Landlock", demanded.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await RunInAsync(folder, nothing, "own.yaml", "--sandbox", "auto")).ExitCode);
        Assert.Equal(0, (await RunInAsync(folder, nothing, "t.yaml", "--sandbox", "off")).ExitCode);
    }

    [SampledFact]
    public async Task Without_a_sandbox_no_verb_runs_a_strangers_code_unless_the_operator_says_so()
    {
        using var folder = new TestFolder();
        var nothing = NoSandbox.In(folder.Path);
        var stranger = Path.Combine(Zoo.Fixtures, "CheatsWhileAttacking");
        string[][] verbs =
        [
            ["plugin", "validate", stranger],
            ["list", "attacks", "--load", "--plugins", stranger],
            ["tune", "starves_neighbors", "--plugins", Path.Combine(Zoo.Fixtures, "StarvesNeighbors")],
        ];

        foreach (var verb in verbs)
        {
            var refused = await TiterProcess.RunAsync(folder.Path, nothing, verb);
            Assert.True(refused.ExitCode == 2, string.Join(' ', verb) + refused.Output + refused.Error);
            Assert.Contains("TITER624 ", refused.Error, StringComparison.Ordinal);
        }

        var accepted = await TiterProcess.RunAsync(folder.Path, nothing, [.. verbs[1], "--sandbox", "off", "--json"]);
        Assert.Contains("\"state\": \"loaded\"", accepted.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sandbox_that_is_none_is_found_out()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", $"{Strangers}defenses: [unchanged_model]\nattacks: []\n");
        var path = Directory.CreateDirectory(Path.Combine(folder.Path, "bin")).FullName;
        var fake = Path.Combine(path, "bwrap");
        await File.WriteAllTextAsync(fake,
            "#!/bin/sh\nwhile [ $# -gt 0 ] && [ \"$1\" != -- ]; do shift; done\n[ $# -gt 0 ] || exit 0\nshift\nexec \"$@\"\n",
            TestContext.Current.CancellationToken);
        File.SetUnixFileMode(fake, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var outcome = await RunInAsync(folder, new() { ["PATH"] = path }, "t.yaml", "--sandbox", "on");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("TITER239 The sandbox leaks: a worker behind it could read a file of the operator", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("call ptrace", outcome.Error, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task A_result_without_the_hosts_seal_is_played_again_and_a_report_of_such_says_so()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml",
            "name: t\nseeds: [1]\nbudget: { attack: { steps: 2 }, defense: { steps: 2 } }\ndefenses: [safety_sft]\nattacks: "
                + "[{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]\n");
        var results = Path.Combine(folder.Path, "results", "t");
        Assert.Equal(0, (await TiterProcess.RunAsync(folder.Path, "run", "t.yaml")).ExitCode);
        var key = Path.Combine(folder.Path, ".titer", "results.key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        var expected = Leaderboard.Read(results).WithoutTimings();
        var quiet = await TiterProcess.RunAsync(folder.Path, "report", results);
        Assert.DoesNotContain("TITER237", quiet.Output, StringComparison.Ordinal);

        // Somebody who knows how a checksum is made, and not the key.
        var files = Directory.GetFiles(Path.Combine(results, "phases"), "*.json").Order(StringComparer.Ordinal).ToArray();
        await ForgeAsync(files[0], seal: false);
        await ForgeAsync(files[1], seal: true);
        var again = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.Equal(0, again.ExitCode);
        Assert.Contains("TITER236", again.Error, StringComparison.Ordinal);
        Assert.Contains("; 2 of ", again.Output, StringComparison.Ordinal);
        Assert.Equal(expected, Leaderboard.Read(results).WithoutTimings());

        // Another machine, as far as a key can tell.
        File.Delete(key);
        var elsewhere = await TiterProcess.RunAsync(folder.Path, "report", results);
        Assert.Contains("TITER237", elsewhere.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.False(File.Exists(key));

        await File.WriteAllTextAsync(key, new string('0', 64), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var open = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");
        Assert.Equal(2, open.ExitCode);
        Assert.Contains("TITER235", open.Error, StringComparison.Ordinal);
    }

    private static async Task ForgeAsync(string file, bool seal)
    {
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var json = text[..text.IndexOf(",\"checksum\":", StringComparison.Ordinal)] + "}";
        var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        var sealing = text[text.IndexOf("\"seal\":", StringComparison.Ordinal)..].TrimEnd('\n', '}');
        // The seal of another's result, where one is given.
        if (seal) sealing = sealing[..^3] + (sealing.EndsWith("00\"", StringComparison.Ordinal) ? "11\"" : "00\"");
        await File.WriteAllTextAsync(file, $"{json[..^1]},\"checksum\":\"{checksum}\"{(seal ? "," + sealing : "")}}}\n",
            TestContext.Current.CancellationToken);
    }

    private static Task<TiterOutcome> RunAsync(TestFolder folder, params string[] options) =>
        TiterProcess.RunAsync(folder.Path, ["run", "t.yaml", "--plugins", Zoo.Fixtures, .. options]);

    private static Task<TiterOutcome> RunInAsync(TestFolder folder, Dictionary<string, string> environment, string file, params string[] options) =>
        TiterProcess.RunAsync(folder.Path, environment, ["run", file, "--plugins", Zoo.Fixtures, .. options]);
}
