using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>An operator's policy on plugins, from a signed package to the page of a run.</summary>
public sealed partial class PolicyTests
{
    private const string Brief = "name: t\nseeds: [1]\nbudget: { attack: { steps: 1 }, defense: { steps: 1, seconds: 60 } }\nattacks: []\n";

    private static readonly string Plugin = Path.Combine(Zoo.Fixtures, "UnchangedModel");

    [SampledFact]
    public async Task A_signed_package_goes_from_its_author_to_a_row_that_says_who_signed_it()
    {
        using var folder = new TestFolder();
        if (!MadeKey(folder)) Assert.Skip("There is no ssh-keygen here.");
        folder.Write("policy.yaml", "signers: signers\nrequire_signature: true\n");
        folder.WriteTournament("t.yaml", $"{Brief}defenses: [unchanged_model]\n");

        var packed = await TiterProcess.RunAsync(folder.Path, "plugin", "pack", Plugin, "--out", "feed", "--sign", "key");
        Assert.True(packed.ExitCode == 0, packed.Output + packed.Error);
        var installed =
            await TiterProcess.RunAsync(folder.Path, "plugin", "install", "unchanged_model", "--source", "feed", "--policy", "policy.yaml");
        Assert.True(installed.ExitCode == 0, installed.Output + installed.Error);
        Assert.Contains("signed by alice@example.org (ED25519 SHA256:", installed.Output, StringComparison.Ordinal);
        var played = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--policy", "policy.yaml");

        Assert.True(played.ExitCode == 0, played.Output + played.Error);
        var results = Path.Combine(folder.Path, "results", "t");
        var tournament =
            JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(results, "leaderboard.json"), TestContext.Current.CancellationToken))!
            ["tournament"]!;
        Assert.Equal("signed by anybody in its signers' file, never without a signature", (string)tournament["policy"]!["text"]!);
        var standings = tournament["defenses"]!.AsArray().ToDictionary(d => (string)d!["id"]!, d => (string)d!["standing"]!);
        Assert.Equal("came with titer", standings["no_defense"]);
        Assert.StartsWith("signed by alice@example.org", standings["unchanged_model"], StringComparison.Ordinal);
        Assert.Contains("signed by alice@example.org", await File.ReadAllTextAsync(Path.Combine(results, "report.md"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_the_policy_does_not_accept_is_not_played_and_the_run_says_so()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", $"{Brief}defenses: [unchanged_model]\n");
        // In the home folder, where no option names it.
        Directory.CreateDirectory(Path.Combine(folder.Path, ".titer"));
        folder.Write(Path.Combine(".titer", "plugin-policy.yaml"), "others: refuse\n");

        var played = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Plugin);

        Assert.Contains("Not played: unchanged_model: TITER185", played.Error, StringComparison.Ordinal);
        var row = Leaderboard.Read(Path.Combine(folder.Path, "results", "t")).Row("unchanged_model");
        Assert.Equal(("invalid", "TITER185"), ((string)row["status"]!, (string)row["code"]!));
    }

    [SampledFact]
    public async Task A_program_plays_when_its_hash_is_listed_and_the_board_says_so()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "mine"));
        File.Copy(Path.Combine(TiterProcess.Repository, "sdk", "examples", "python", "defend.py"), Path.Combine(folder.Path, "mine", "defend.py"));
        folder.WriteTournament("t.yaml", $"{Brief}defenses: [{{ command: [python3, defend.py, \"0.02\"], folder: mine }}]\n");
        folder.Write("policy.yaml", "others: refuse\n");

        var refused = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate", "t.yaml", "--policy", "policy.yaml");
        Assert.Contains("Not played: mine: TITER188", refused.Error, StringComparison.Ordinal);
        // The hash is where somebody looks for it: in the refusal.
        folder.Write("policy.yaml", $"hashes: [{ListedHash().Match(refused.Error).Groups[1].Value}]\n");
        var played = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--policy", "policy.yaml");

        Assert.True(played.ExitCode == 0, played.Output + played.Error);
        var results = Path.Combine(folder.Path, "results", "t");
        var board = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(results, "leaderboard.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal("1 listed hash", (string)board["tournament"]!["policy"]!["text"]!);
        Assert.Equal("listed by its content hash",
            (string)board["tournament"]!["defenses"]!.AsArray().Single(d => (string)d!["id"]! == "mine")!["standing"]!);
        Assert.Contains("; listed by its content hash", await File.ReadAllTextAsync(Path.Combine(results, "report.md"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [GeneratedRegex("add its content hash to 'hashes': ([0-9a-f]{64})")]
    private static partial Regex ListedHash();

    [Fact]
    public async Task Without_ssh_keygen_nothing_is_signed_and_the_refusal_says_what_to_install()
    {
        using var folder = new TestFolder();
        var key = folder.Write("key", "a key");
        var nothing = new Dictionary<string, string> { ["PATH"] = Directory.CreateDirectory(Path.Combine(folder.Path, "empty")).FullName };

        var refused = await TiterProcess.RunAsync(folder.Path, nothing, "plugin", "pack", Plugin, "--sign", key);

        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith("TITER180 ", refused.Error, StringComparison.Ordinal);
        Assert.Contains("apt-get install openssh-client", refused.Error, StringComparison.Ordinal);
    }

    private static bool MadeKey(TestFolder folder)
    {
        var key = Path.Combine(folder.Path, "key");
        try
        {
            using var made = Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", key]);
            made.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }

        folder.Write("signers", $"alice@example.org {string.Join(' ', File.ReadAllText(key + ".pub").Split(' ').Take(2))}\n");
        return true;
    }
}
