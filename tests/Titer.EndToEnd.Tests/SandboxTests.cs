using System.Net;
using System.Net.Sockets;

namespace Titer.EndToEnd.Tests;

/// <summary>What a plugin can reach from inside its worker.</summary>
public sealed class SandboxTests
{
    [Fact]
    public async Task Behind_the_sandbox_a_defense_reaches_nothing_but_its_own_phase()
    {
        var outcome = await SnoopAsync("on");
        if (outcome.Said.Contains("TITER613", StringComparison.Ordinal)) Assert.Skip($"No sandbox here: {outcome.Said}");
        Assert.True(outcome.Reason.Contains("could: nothing", StringComparison.Ordinal), outcome.Reason);
        Assert.Contains("Sandbox: bubblewrap", outcome.Said, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task Without_a_sandbox_the_run_says_what_plugins_can_do()
    {
        var outcome = await SnoopAsync("off");
        Assert.Contains("could: connect, read a file of the operator", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains("Sandbox: off; workers can use the network", outcome.Said, StringComparison.Ordinal);
    }

    internal static async Task<(string Reason, string Said)> SnoopAsync(string sandbox)
    {
        using var folder = new TestFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var home = Directory.CreateDirectory(Path.Combine(folder.Path, "home")).FullName;
        var secret = folder.Write("secret.txt", "made up");
        folder.WriteTournament("t.yaml", $$"""
            name: t
            seeds: [1]
            budget: { attack: { steps: 1 }, defense: { steps: 1 } }
            defenses: [{ id: snoops,
                set: { port: {{((IPEndPoint)listener.LocalEndpoint).Port}}, secret: '{{secret}}',
                    scenario: '{{Path.Combine(TiterProcess.Repository, "src", "Titer.Scenarios", "Apothecary", "content")}}' } }]
            attacks: []
            """);
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var outcome = await TiterProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["HOME"] = home, ["XDG_CACHE_HOME"] = cache }, "run",
            "t.yaml", "--plugins", Zoo.Fixtures, "--sandbox", sandbox);
        var results = Path.Combine(folder.Path, "results", "t");
        File.Delete(Path.Combine(TiterProcess.CommandLineFolder, "worker", "planted.txt"));
        return (File.Exists(Path.Combine(results, "leaderboard.json")) ? (string)Leaderboard.Read(results).Row("snoops")["reason"]! : "",
            outcome.Output + outcome.Error);
    }
}
