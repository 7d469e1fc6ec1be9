using System.Text.Json;

namespace Titer.EndToEnd.Tests;

/// <summary>A season of a league as an operator has one: opened, played, verified, closed.</summary>
public sealed class SeasonTests
{
    /// <summary>Trains the canaries.</summary>
    [Fact(Explicit = true)]
    public async Task A_season_is_played_with_its_canaries_and_comes_out_again()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Hosts are stopped with signals.");
        using var league = new LeagueOnDisk("name: spring\nseeds: [1]\n"
            + "attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]\ndefenses: [adversarial_loss]\n");
        var opened = await SaysAsync(league, 0, "season", "open", league.Folder, "--json");
        var hash = opened.GetProperty("sha256").GetString()!;
        league.Serve();
        await league.UntilIdleAsync(0);
        Assert.True(await league.StopAsync() == 0, league.Said);

        var board = Leaderboard.Read(league.Results);
        Assert.All(board.Rows, row => Assert.Equal(hash, (string)row["season"]!));
        Assert.Equal(1, (int)board.Row("adversarial_loss")["rank"]!);
        foreach (var useless in new[] { "refuse_everything", "constant_answer", "collapsed" })
            Assert.True((int)board.Row(useless)["rank"]! > (int)board.Row("no_defense")["rank"]!, board.Row(useless).ToJsonString());
        // The same function to the bit, in the same canonical units for an attacker.
        foreach (var number in new[] { "titer_ratio", "titer_high", "cross_domain_titer_ratio", "titer_low_end", "titer_high_end" })
            Assert.Equal((double)board.Row("no_defense")[number]!, (double)board.Row("rescaled_units")[number]!);
        Assert.Empty((await SaysAsync(league, 0, "season", "verify", league.Folder, "--json")).GetProperty("findings").EnumerateArray());
        Assert.False((await SaysAsync(league, 0, "season", "close", league.Folder, "--json")).GetProperty("is_open").GetBoolean());
        Assert.Empty((await SaysAsync(league, 0, "season", "verify", league.Folder, "--json")).GetProperty("findings").EnumerateArray());
    }

    /// <summary>Plays a season twice: before submissions are over and after.</summary>
    [Fact(Explicit = true)]
    public async Task A_hidden_attack_plays_once_submissions_are_over_and_is_revealed_at_the_end()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Hosts are stopped with signals.");
        using var league = new LeagueOnDisk("name: spring\nseeds: [1]\nbudget: { attack: { steps: 4 }, defense: { steps: 3 } }\n"
            + "attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]\n");
        var attack = Path.Combine(TiterProcess.CommandLineFolder, "plugins", "Titer.Attacks.MixedFinetune");
        var packed = await TiterProcess.RunAsync(league.Folder, "plugin", "pack", attack, "--out", "packages", "--json");
        Assert.True(packed.ExitCode == 0, packed.Output + packed.Error);
        using var document = JsonDocument.Parse(packed.Output);
        var package = document.RootElement.GetProperty("place").GetString()!;
        await SaysAsync(league, 0, "season", "open", league.Folder, "--hidden", package, "--draw", "1", "--json");
        await PlayAsync(league);
        var before = await File.ReadAllTextAsync(Path.Combine(league.Results, "leaderboard.json"), Cancellation);
        Assert.DoesNotContain("mixed_finetune", before, StringComparison.Ordinal);

        await SaysAsync(league, 0, "season", "seal", league.Folder, "--json");
        await PlayAsync(league);

        var board = Leaderboard.Read(league.Results);
        var hidden = board.Row("no_defense")["classes"]![1]!;
        Assert.Equal(("hidden", 1), ((string)hidden["class"]!, (int)hidden["attackers"]!));
        Assert.All(board.Rows, row => Assert.NotNull((string?)row["season"]));
        var after = await File.ReadAllTextAsync(Path.Combine(league.Results, "leaderboard.json"), Cancellation);
        using (var json = JsonDocument.Parse(after))
        {
            Assert.Equal(2, json.RootElement.GetProperty("tournament").GetProperty("seeds").GetArrayLength());
            Assert.Contains(json.RootElement.GetProperty("crosstable").EnumerateArray(),
                c => c.GetProperty("attack").GetString() == "mixed_finetune" && c.GetProperty("status").GetString() == "done");
        }

        await SaysAsync(league, 0, "season", "close", league.Folder, "--json");
        Assert.Empty((await SaysAsync(league, 0, "season", "verify", league.Folder, "--json")).GetProperty("findings").EnumerateArray());
        var season = await File.ReadAllTextAsync(Path.Combine(league.Results, "season.json"), Cancellation);
        Assert.Contains("mixed_finetune", season, StringComparison.Ordinal);
    }

    private static async Task PlayAsync(LeagueOnDisk league)
    {
        league.Serve();
        await league.UntilIdleAsync(0);
        Assert.True(await league.StopAsync() == 0, league.Said);
    }

    [SampledFact]
    public async Task A_league_that_is_another_than_its_season_is_not_served_and_named_by_what_differs()
    {
        using var league = new LeagueOnDisk("name: spring\nseeds: [1]\nattacks: []\n");
        var opened = await SaysAsync(league, 0, "season", "open", league.Folder, "--json");
        Assert.Equal(("spring-1", true), (opened.GetProperty("season").GetString(), opened.GetProperty("is_open").GetBoolean()));
        using (var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(league.Results, "season.json"), Cancellation)))
            await PublishedSchema.HoldsAsync(league.Folder, "season", file.RootElement);

        await File.WriteAllTextAsync(Path.Combine(league.Folder, "league.yaml"), "name: spring\nseeds: [3]\nattacks: []\n", Cancellation);

        var refused = await TiterProcess.RunAsync(league.Folder, "serve", "--sandbox", "off", "--no-page");
        Assert.True(refused is { ExitCode: 2 } && refused.Error.Contains("TITER713", StringComparison.Ordinal), refused.Output + refused.Error);
        var findings = (await SaysAsync(league, 1, "season", "verify", league.Folder, "--json")).GetProperty("findings");
        Assert.Equal("TITER719", findings[0].GetProperty("code").GetString());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<JsonElement> SaysAsync(LeagueOnDisk league, int exitCode, params string[] command)
    {
        var outcome = await TiterProcess.RunAsync(league.Folder, command);
        Assert.True(outcome.ExitCode == exitCode, outcome.Output + outcome.Error);
        var document = JsonDocument.Parse(outcome.Output).RootElement;
        await PublishedSchema.HoldsAsync(league.Folder, "season-json", document);
        return document;
    }
}
