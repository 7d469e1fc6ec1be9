using System.Net.Sockets;
using System.Text;
using Titer.Files;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// A league from outside: what is dropped is a row, what is bad is a line, a host that is killed loses nothing, and the rows are those of a batch
/// with the same plugins.
/// </summary>
[Collection(Alone.Name)]
public sealed class LeagueTests
{
    private const string Tournament = """
        name: spring
        seeds: [1]
        budget: { attack: { steps: 2 }, defense: { steps: 3, seconds: 4 } }
        attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]
        """;

    [SampledFact]
    public Task Drops_are_rows_and_a_host_that_is_killed_loses_nothing() => PlayAsync(good: 2, kills: 1, browsers: 0);

    /// <summary>Eight good ones, a corrupt dll, one that hangs, a newer build of an earlier one, and a removal; three browsers look on.</summary>
    [Fact(Explicit = true)]
    public Task Twelve_drops_and_two_kills_come_to_what_a_batch_does() =>
        PlayAsync(good: 8, kills: 2, browsers: WatchingBrowsers.Most);

    [SampledFact]
    public async Task A_build_that_is_replaced_while_it_plays_finishes_and_keeps_its_row()
    {
        using var builds = new TestFolder();
        var (slow, quick) = (LeagueOnDisk.Compile(Path.Combine(builds.Path, "slow"), "replaced", 0.99, seconds: 3),
            LeagueOnDisk.Compile(Path.Combine(builds.Path, "quick"), "replaced", 0.98));
        using var league = new LeagueOnDisk("name: spring\nseeds: [1]\nbudget: { defense: { steps: 3 } }\nattacks: []\n");
        league.Serve();
        league.Drop(slow, "p");
        await league.UntilAsync(() => league.Journal().Any(l => (string?)l["title"] == "defend replaced seed 1"));
        var first = (string)league.Journal().First(l => (string?)l["title"] == "defend replaced seed 1")["phase_id"]!;

        league.Drop(quick, "p");
        await league.UntilAsync(() => league.Entries().Length == 2);
        Assert.DoesNotContain(league.Journal(), l => (string)l["event"]! == "finished" && (string?)l["phase_id"] == first);
        await league.UntilIdleAsync(2);
        await league.UntilAsync(() => league.Document()!["entries"]![1]!["row"] is { } row && (long)row["defense_steps"]! == 2);
        Assert.True(await league.StopAsync() == 0, league.Said);

        Assert.Equal(["replaced 2 standing 3/3 0", "replaced 1 superseded 1/3 0"], league.Entries());
        Assert.Single(league.Journal(), l => (string)l["event"]! == "finished" && (string?)l["phase_id"] == first && (string?)l["status"] == "done");
        // Of the build that is gone nothing more was begun.
        Assert.Equal(6 + 1, league.Journal().Count(l => (string)l["event"]! == "started"));
    }

    [Fact]
    public async Task A_supervisor_hears_that_the_host_is_ready_that_it_lives_and_that_it_stops()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("sd_notify is Linux's.");
        using var folder = new TestFolder();
        var socket = Path.Combine(folder.Path, "n");
        using var supervisor = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        supervisor.Bind(new UnixDomainSocketEndPoint(socket));
        using var league = new LeagueOnDisk("attacks: []\nseeds: [1]\n", new() { ["NOTIFY_SOCKET"] = socket, ["WATCHDOG_USEC"] = "400000" });
        league.Serve();

        var heard = new StringBuilder();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var hearing = HearAsync(supervisor, heard, ending.Token);
        await league.UntilAsync(() => Heard("WATCHDOG=1"));
        Assert.True(await league.StopAsync() == 0, league.Said);
        await league.UntilAsync(() => Heard("STOPPING=1"), isServed: false);
        await ending.CancelAsync();
        await hearing;
        Assert.StartsWith("READY=1", heard.ToString(), StringComparison.Ordinal);

        bool Heard(string state)
        {
            lock (heard) return heard.ToString().Contains(state, StringComparison.Ordinal);
        }

        Assert.Equal("stopped", (string)league.Document()!["activity"]!);
    }

    [Fact]
    public async Task A_league_is_refused_without_a_sandbox_unless_the_operator_says_so()
    {
        using var folder = new TestFolder();
        folder.Write("league.yaml", "attacks: []\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, NoSandbox.In(folder.Path), "serve");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("TITER685", outcome.Error, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task A_league_has_a_page_and_tells_its_status()
    {
        using var league = new LeagueOnDisk("name: spring\nseeds: [1]\nattacks: []\n");
        var before = await TiterProcess.RunAsync(league.Folder, "status");
        Assert.Contains("TITER686", before.Error, StringComparison.Ordinal);
        Assert.Equal(2, before.ExitCode);
        league.Serve();
        await league.UntilAsync(() => league.Document() is not null);

        var status = await TiterProcess.RunAsync(league.Folder, "status");
        Assert.StartsWith("spring: ", status.Output, StringComparison.Ordinal);
        var json = await TiterProcess.RunAsync(league.Folder, "status", "results", "--json");
        Assert.Contains("\"entries\": []", json.Output, StringComparison.Ordinal);
        using (var document = System.Text.Json.JsonDocument.Parse(json.Output))
            await PublishedSchema.HoldsAsync(league.Folder, "standing", document.RootElement);
        Assert.True(await league.StopAsync() == 0, league.Said);

        Assert.Contains("http://127.0.0.1:", league.Said, StringComparison.Ordinal);
    }

    private static async Task PlayAsync(int good, int kills, int browsers)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Hosts are killed with signals.");
        using var builds = new TestFolder();
        string[] names = [.. Enumerable.Range(1, good).Select(i => $"good_{i}")];
        foreach (var (name, i) in names.Select((name, i) => (name, i)))
            LeagueOnDisk.Compile(Path.Combine(builds.Path, name), name, 1 - (i + 1) / 1000.0);
        using var league = new LeagueOnDisk(Tournament);
        league.Serve();
        await league.UntilAsync(() => league.Document() is not null && league.Page is not null);
        using var watching = browsers == 0 ? null : await WatchingBrowsers.OpenAsync(league.Page!, browsers, isHostKilled: true);
        var dropped = new List<DateTimeOffset>();
        foreach (var (name, i) in names.Select((name, i) => (name, i)))
        {
            dropped.Add(DateTimeOffset.UtcNow);
            league.Drop(Path.Combine(builds.Path, name));
            await league.UntilAsync(() => league.Entries().Any(e => e.StartsWith(name, StringComparison.Ordinal)));
            if (i < kills)
            {
                // In the middle of what it does; what is dropped while nobody looks is found by the next.
                var started = league.Started();
                await league.UntilAsync(() => league.Started() > started || (string?)league.Document()!["activity"] == "idle");
                await league.KillAsync();
                league.Serve();
            }

            if (watching is not null) await watching.UntilRowsAsync(["no_defense", .. names.Take(i + 1)]);
        }

        league.Drop(WriteCorrupt(builds));
        league.Drop(Path.Combine(Zoo.Fixtures, "LoopsForever"));
        await league.UntilAsync(() => league.Refused().Length == 1 && league.Entries().Length == good + 1);
        await league.UntilAsync(() => league.Entries().Contains($"{names[0]} 1 standing 5/5 0"));
        league.Drop(LeagueOnDisk.Compile(Path.Combine(builds.Path, "newer"), names[0], 0.9), names[0]);
        await league.UntilIdleAsync(good + 2);
        league.Remove(names[1]);
        await league.UntilAsync(() => league.Entries().Contains($"{names[1]} 1 removed 5/5 0"));
        if (watching is not null) await SawEverythingAsync(watching, league, names);
        var megabytes = league.HostMegabytes();
        Assert.True(await league.StopAsync() == 0, league.Said);

        string[] rows = [.. names.Select((n, i) => i == 1 ? $"{n} 1 removed 5/5 0" : i == 0 ? $"{n} 2 standing 5/5 0" : $"{n} 1 standing 5/5 0")];
        string[] expected = [rows[0], $"{names[0]} 1 superseded 5/5 0", .. rows[1..], "loops_forever 1 standing 1/5 1"];
        Assert.Equal(expected, league.Entries());
        Assert.Contains("TITER101", Assert.Single(league.Refused()), StringComparison.Ordinal);
        var finished = league.Journal().Where(l => (string)l["event"]! == "finished").Select(l => (string)l["phase_id"]!).ToArray();
        Assert.Equal(finished.Distinct(), finished);
        Assert.All(finished, id => Assert.True(File.Exists(Path.Combine(league.Results, "phases", id + ".json")), id));
        // Those that no host was killed after.
        var waits = names.Select((n, i) => (First(league, n) - dropped[i]).TotalSeconds).Skip(kills).ToArray();
        TestContext.Current.SendDiagnosticMessage("{0}", FormattableString.Invariant($"from drop to first phase, while the host plays others: {
            string.Join(", ", waits.Select(w => FormattableString.Invariant($"{w:0.00}")))} s; memory of the host {megabytes:0} MB"));
        await EqualsABatchAsync(league, builds, names);
    }

    private static DateTimeOffset First(LeagueOnDisk league, string name) => (DateTimeOffset)league.Journal().First(l =>
        (string)l["event"]! == "started" && ((string?)l["title"])?.StartsWith($"defend {name} ", StringComparison.Ordinal) == true)["at"]!;

    /// <summary>The browsers were open all the time; a host that was killed was one that did not answer for a while.</summary>
    private static async Task SawEverythingAsync(WatchingBrowsers watching, LeagueOnDisk league, string[] names)
    {
        await watching.UntilRowsAsync(["no_defense", .. names, "loops_forever"]);
        await watching.UntilRunSaysAsync("TITER101");
        string[] expected = [.. Leaderboard.Read(league.Results).Rows.Select(r => $"{r["rank"]} {r["defense"]} {r["titer"]}"
            + $"{((string)r["status"]! == "done" ? "" : $" {r["status"]}")}{((string)r["defense"]! == names[1] ? " removed" : "")}")];
        Assert.All(await watching.CloseAsync(), shown => Assert.Equal(expected, shown));
    }

    /// <summary>The same plugins in one run, the removed one too: the whole board is the same, and so is the superseded build's own row.</summary>
    private static async Task EqualsABatchAsync(LeagueOnDisk league, TestFolder builds, string[] names)
    {
        var plugins = Path.Combine(builds.Path, "batch");
        foreach (var name in names.Skip(1)) FolderCopy.Copy(Path.Combine(builds.Path, name), Path.Combine(plugins, name));
        FolderCopy.Copy(Path.Combine(builds.Path, "newer"), Path.Combine(plugins, names[0]));
        FolderCopy.Copy(Path.Combine(Zoo.Fixtures, "LoopsForever"), Path.Combine(plugins, "LoopsForever"));
        builds.Write("t.yaml", $"{Tournament}\ndefenses: [{string.Join(", ", names)}, loops_forever]\n");

        var batch = await TiterProcess.RunAsync(builds.Path, "run", "t.yaml", "--plugins", plugins, "--out", "all");

        Assert.True(batch.ExitCode == 1, batch.Output + batch.Error);
        Assert.Equal(WithoutSeconds(Leaderboard.Read(Path.Combine(builds.Path, "all"))), WithoutSeconds(Leaderboard.Read(league.Results)));

        builds.Write("old.yaml", $"{Tournament}\ndefenses: [{names[0]}]\n");
        var old = await TiterProcess.RunAsync(builds.Path, "run", "old.yaml", "--plugins", Path.Combine(builds.Path, names[0]), "--out", "old");
        Assert.True(old.ExitCode == 0, old.Output + old.Error);
        var superseded = league.Document()!["entries"]!.AsArray().Single(e => (string)e!["state"]! == "superseded")!;
        var row = Leaderboard.Read(Path.Combine(builds.Path, "old")).Row(names[0]);
        Assert.Equal(row.ToJsonString(), superseded["row"]!.ToJsonString());
    }

    /// <summary>What a hanging plugin spent is told in its reason.</summary>
    private static string WithoutSeconds(Leaderboard board) =>
        System.Text.RegularExpressions.Regex.Replace(board.WithoutTimings(), @"[0-9.]+ s(econds)?\b", "n s");

    private static string WriteCorrupt(TestFolder builds)
    {
        var folder = Directory.CreateDirectory(Path.Combine(builds.Path, "corrupt")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "corrupt.dll"), [(byte)'M', (byte)'Z', .. new byte[2000]]);
        return folder;
    }

    private static async Task HearAsync(Socket socket, StringBuilder heard, CancellationToken stop)
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var text = Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, stop));
                lock (heard) heard.Append(text);
            }
        }
        catch (OperationCanceledException)
        {
            // Everything was heard.
        }
    }
}
