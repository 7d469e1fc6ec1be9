using System.Net.Sockets;
using System.Text;
using Titer.Files;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// A league from outside: what is dropped is a row, what is bad is a line, a host that is killed loses nothing, and the rows are those of a batch
/// with the same plugins.
/// </summary>
public sealed class LeagueTests
{
    private const string Tournament = """
        name: spring
        seeds: [1]
        budget: { attack: { steps: 2 }, defense: { steps: 3, seconds: 4 } }
        attacks: [full_parameter_finetune]
        """;

    [Fact]
    public Task Drops_are_rows_and_a_host_that_is_killed_loses_nothing() => PlayAsync(good: 2, kills: 1);

    /// <summary>Eight good ones, a corrupt dll, one that hangs, a newer build of an earlier one, and a removal.</summary>
    [Fact(Explicit = true)]
    public Task Twelve_drops_and_two_kills_come_to_what_a_batch_does() => PlayAsync(good: 8, kills: 2);

    /// <summary>Ten plugins, ten builds of each: what the host keeps does not grow with what it has played.</summary>
    [Fact(Explicit = true)]
    public async Task A_hundred_drops_leave_the_memory_of_the_host_where_it_was()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Memory is read from /proc.");
        const int Drops = 100, Window = 20, MostMegabytes = 20;
        using var builds = new TestFolder();
        using var league = new LeagueOnDisk("name: spring\nseeds: [1]\nbudget: { defense: { steps: 3 } }\nattacks: []\n");
        league.Serve();
        await league.UntilIdleAsync(0);
        var (memory, waits) = (new List<double>(), new List<double>());
        for (var i = 0; i < Drops; i++)
        {
            var (id, before) = ($"d_{i % 10}", league.Started());
            var build = LeagueOnDisk.Compile(Path.Combine(builds.Path, $"{id}_{i}"), id, 1 - i / 10000.0);
            var watch = System.Diagnostics.Stopwatch.StartNew();
            league.Drop(build, id);
            await league.UntilAsync(() => league.Started() > before);
            waits.Add(watch.Elapsed.TotalSeconds);
            await league.UntilIdleAsync(i + 1);
            memory.Add(league.HostMegabytes());
        }

        Assert.True(await league.StopAsync() == 0, league.Said);
        var (first, last) = (Median(memory.Skip(Window).Take(Window)), Median(memory.TakeLast(Window)));
        var figures = FormattableString.Invariant(
            $"memory of the host {first:0} MB after 20 to 40 drops, {last:0} MB after 80 to 100; from drop to first phase {
                Median(waits):0.00} s (median), {waits.Max():0.00} s at most");
        TestContext.Current.SendDiagnosticMessage("{0}", figures);
        Assert.True(Math.Abs(last - first) <= MostMegabytes, figures);
        Assert.Equal(Drops - 10, league.Entries().Count(e => e.Contains("superseded 3/3 0", StringComparison.Ordinal)));
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        return ordered[ordered.Length / 2];
    }

    [Fact]
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
        var nothing = Directory.CreateDirectory(Path.Combine(folder.Path, "empty")).FullName;

        var outcome = await TiterProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["PATH"] = nothing }, "serve");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("TITER685", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
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

    private static async Task PlayAsync(int good, int kills)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Hosts are killed with signals.");
        using var builds = new TestFolder();
        string[] names = [.. Enumerable.Range(1, good).Select(i => $"good_{i}")];
        foreach (var (name, i) in names.Select((name, i) => (name, i)))
            LeagueOnDisk.Compile(Path.Combine(builds.Path, name), name, 1 - (i + 1) / 1000.0);
        using var league = new LeagueOnDisk(Tournament);
        league.Serve();
        await league.UntilAsync(() => league.Document() is not null);
        var killed = 0;
        foreach (var name in names)
        {
            league.Drop(Path.Combine(builds.Path, name));
            await league.UntilAsync(() => league.Entries().Any(e => e.StartsWith(name, StringComparison.Ordinal)));
            if (killed == kills) continue;
            // In the middle of what it does; what is dropped while nobody looks is found by the next.
            var started = league.Started();
            await league.UntilAsync(() => league.Started() > started || (string?)league.Document()!["activity"] == "idle");
            await league.KillAsync();
            killed++;
            league.Serve();
        }

        league.Drop(WriteCorrupt(builds));
        league.Drop(Path.Combine(Zoo.Fixtures, "LoopsForever"));
        await league.UntilAsync(() => league.Refused().Length == 1 && league.Entries().Length == good + 1);
        await league.UntilAsync(() => league.Entries().Contains($"{names[0]} 1 standing 5/5 0"));
        league.Drop(LeagueOnDisk.Compile(Path.Combine(builds.Path, "newer"), names[0], 0.9), names[0]);
        await league.UntilIdleAsync(good + 2);
        league.Remove(names[1]);
        await league.UntilAsync(() => league.Entries().Contains($"{names[1]} 1 removed 5/5 0"));
        Assert.True(await league.StopAsync() == 0, league.Said);

        string[] rows = [.. names.Select((n, i) => i == 1 ? $"{n} 1 removed 5/5 0" : i == 0 ? $"{n} 2 standing 5/5 0" : $"{n} 1 standing 5/5 0")];
        string[] expected = [rows[0], $"{names[0]} 1 superseded 5/5 0", .. rows[1..], "loops_forever 1 standing 1/5 1"];
        Assert.Equal(expected, league.Entries());
        Assert.Contains("TITER101", Assert.Single(league.Refused()), StringComparison.Ordinal);
        var finished = league.Journal().Where(l => (string)l["event"]! == "finished").Select(l => (string)l["phase_id"]!).ToArray();
        Assert.Equal(finished.Distinct(), finished);
        Assert.All(finished, id => Assert.True(File.Exists(Path.Combine(league.Results, "phases", id + ".json")), id));
        await EqualsABatchAsync(league, builds, names);
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
