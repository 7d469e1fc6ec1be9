using System.Diagnostics;
using System.Text.Json;

namespace Titer.EndToEnd.Tests;

/// <summary>A plugin on its way from its author to a row of a league.</summary>
public sealed class SubmissionTests
{
    private const string Tournament = "name: mine\nseeds: [1]\nbudget: { attack: { steps: 2 }, defense: { steps: 3 } }\n"
        + "attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]\ndefenses: [good_defense]\n";

    [SampledFact]
    public async Task Results_that_an_author_hands_in_come_out_again_where_they_are_played_again()
    {
        using var folder = new TestFolder();
        var key = await KeyAsync(folder);
        folder.Write("t.yaml", Tournament);
        var fixture = Path.Combine(Zoo.Fixtures, "GoodDefense");
        await SaysAsync(folder, 0, "run", "t.yaml", "--plugins", fixture, "--out", "mine", "--sandbox", "off");
        var packed = JsonDocument.Parse(await SaysAsync(folder, 0, "plugin", "pack", fixture, "--out", "packages", "--json")).RootElement;
        var package = packed.GetProperty("place").GetString()!;
        Directory.CreateDirectory(Path.Combine(folder.Path, "inbox"));

        var submitted =
            JsonDocument.Parse(await SaysAsync(folder, 0, "submit", package, "--to", "inbox", "--sign", key, "--results", "mine", "--json"))
            .RootElement;
        await PublishedSchema.HoldsAsync(folder.Path, "submit-json", submitted);
        var bundle = submitted.GetProperty("to").GetString()!;
        var verified =
            JsonDocument.Parse(await SaysAsync(folder, 0, "verify", bundle, "--spot-check", "5%", "--seed", "7", "--sandbox", "off", "--json"))
            .RootElement;

        // Whoever looks without walls is asked to say so.
        await PublishedSchema.HoldsAsync(folder.Path, "verify-json", verified);
        Assert.Equal("reproduced", verified.GetProperty("standing").GetString());
        Assert.True(verified.GetProperty("cells")[0].GetProperty("is_exact").GetBoolean(), verified.ToString());
        // Strangers' code behind walls that hold, or not at all.
        var bare = Directory.CreateDirectory(Path.Combine(folder.Path, "bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bare, "ssh-keygen"), "/usr/bin/ssh-keygen");
        var refused =
            await TiterProcess.RunAsync(folder.Path, NoSandbox.In(folder.Path, bare), "verify", bundle, "--spot-check", "5%");
        Assert.True(refused is { ExitCode: 2 } && refused.Error.Contains("TITER708", StringComparison.Ordinal), refused.Output + refused.Error);
        Assert.Equal("consistent",
            JsonDocument.Parse(await SaysAsync(folder, 0, "verify", bundle, "--json")).RootElement.GetProperty("standing").GetString());
    }

    [SampledFact]
    public async Task A_league_that_is_served_takes_a_bundle_over_HTTP_and_plays_it_as_a_row()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Hosts are stopped with signals.");
        using var folder = new TestFolder();
        var key = await KeyAsync(folder);
        var packed = JsonDocument.Parse(await SaysAsync(folder, 0, "plugin", "pack", Path.Combine(Zoo.Fixtures, "GoodDefense"), "--out", "packages",
            "--json")).RootElement;
        var package = packed.GetProperty("place").GetString()!;
        using var league =
            new LeagueOnDisk("name: spring\nseeds: [1]\nbudget: { defense: { steps: 3 } }\nattacks: []\nsubmissions: { per_author: 5 }\n");
        league.Serve();
        await league.UntilAsync(() => league.Page is not null);
        var page = league.Page!.GetLeftPart(UriPartial.Authority);
        var given = Path.Combine(league.Folder, ".titer", "submit.token");
        var token = (await File.ReadAllTextAsync(given, TestContext.Current.CancellationToken)).Trim();

        // The token of the page lets one look, and hand in nothing.
        var looking = System.Web.HttpUtility.ParseQueryString(league.Page!.Query)["token"]!;
        var refused = await TiterProcess.RunAsync(folder.Path, "submit", package, "--to", page, "--sign", key, "--token", looking);
        Assert.True(refused.ExitCode == 2 && refused.Error.Contains("TITER732", StringComparison.Ordinal), refused.Output + refused.Error);
        var submitted = JsonDocument.Parse(await SaysAsync(folder, 0, "submit", package, "--to", page, "--sign", key, "--token", token,
            "--data-used", "none", "--json")).RootElement;
        await league.UntilIdleAsync(1);

        Assert.Equal(["good_defense 1 standing 3/3 0"], league.Entries());
        var entrant = Leaderboard.Read(league.Results).Tournament["defenses"]!.AsArray().Single(d => (string)d!["id"]! == "good_defense")!;
        var bundle = submitted.GetProperty("bundle").GetString()!;
        Assert.Equal((bundle, null), ((string)entrant["submission"]!["bundle"]!, (string?)entrant["submission"]!["standing"]));

        // The host waits for drops, and nobody tells it of a verdict.
        await SaysAsync(folder, 0, "verify", Path.Combine(league.Results, "submissions", bundle + ".titer-submission"), "--record", league.Results);
        await league.UntilAsync(() => (string?)Leaderboard.Read(league.Results).Tournament["defenses"]!.AsArray()
            .Single(d => (string)d!["id"]! == "good_defense")!["submission"]!["standing"] == "self_reported");
        Assert.True(await league.StopAsync() == 0, league.Said);
    }

    [Fact]
    public async Task A_league_that_is_not_there_takes_nothing()
    {
        using var folder = new TestFolder();

        var outcome = await TiterProcess.RunAsync(folder.Path, "submit", "x.nupkg", "--sign", "key", "--to", "nowhere");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("TITER734", outcome.Error, StringComparison.Ordinal);
    }

    private static async Task<string> SaysAsync(TestFolder folder, int exitCode, params string[] command)
    {
        var outcome = await TiterProcess.RunAsync(folder.Path, command);
        Assert.True(outcome.ExitCode == exitCode, $"{string.Join(' ', command)}: {outcome.Output}{outcome.Error}");
        return outcome.Output;
    }

    private static async Task<string> KeyAsync(TestFolder folder)
    {
        var key = Path.Combine(folder.Path, "key");
        try
        {
            using var made = Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", key]);
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no ssh-keygen here.");
        }

        return key;
    }
}
