namespace Titer.EndToEnd.Tests;

/// <summary>The page of a league that is served, in a browser that was open before anything was dropped.</summary>
public sealed class LeaguePageTests
{
    [SampledFact]
    public async Task A_plugin_that_is_dropped_is_a_row_of_an_open_page_and_a_bad_one_a_line()
    {
        Browser.SkipWithout();
        using var builds = new TestFolder();
        using var league = new LeagueOnDisk("name: spring\nseeds: [1]\nbudget: { defense: { steps: 3 } }\nattacks: []\n");
        league.Serve();
        await league.UntilAsync(() => league.Page is not null);
        using var watching = await WatchingBrowsers.OpenAsync(league.Page!, 1, isHostKilled: false);

        league.Drop(LeagueOnDisk.Compile(Path.Combine(builds.Path, "newcomer"), "newcomer", 0.99));
        await watching.UntilRowsAsync("no_defense", "newcomer");
        File.WriteAllText(Path.Combine(builds.Sub("corrupt"), "corrupt.dll"), "MZ, and nothing behind it");
        league.Drop(Path.Combine(builds.Path, "corrupt"));
        await watching.UntilRunSaysAsync("TITER101");
        league.Drop(LeagueOnDisk.Compile(Path.Combine(builds.Path, "newer"), "newcomer", 0.9), "newcomer");
        await watching.UntilRunSaysAsync("superseded");
        await league.UntilIdleAsync(2);

        string[] expected = [.. Leaderboard.Read(league.Results).Rows.Select(r => $"{r["rank"]} {r["defense"]} {r["titer"]}")];
        Assert.Equal(expected, Assert.Single(await watching.CloseAsync()));
        Assert.True(await league.StopAsync() == 0, league.Said);
    }
}
