using System.Diagnostics;
using System.Globalization;

namespace Titer.EndToEnd.Tests;

/// <summary>What a league's host keeps of what it has played, seen from outside.</summary>
public sealed class LeagueMemoryTests
{
    private const int Plugins = 10;
    private const int Rounds = 10;

    /// <summary>Plugins that train nothing and are measured; the others fail at once, which costs a process and no more.</summary>
    private const int Sound = 2;

    private const int MostMegabytes = 20;

    /// <summary>
    /// Ten plugins, ten builds of each, a round at a time: what the host keeps does not grow with what it has played, and of a build that was
    /// replaced no process holds anything, once what it played is through.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task A_hundred_drops_leave_the_memory_of_the_host_where_it_was()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Memory is read from /proc.");
        using var builds = new TestFolder();
        using var league = new LeagueOnDisk("name: spring\nseeds: [1]\nbudget: { defense: { steps: 3 } }\nattacks: []\n");
        string[] ids = [.. Enumerable.Range(0, Plugins).Select(i => $"d_{i}")];
        foreach (var (id, i) in ids.Select((id, i) => (id, i)))
        {
            LeagueOnDisk.Compile(builds.Sub(id), id, i < Sound ? 0.999 : double.NaN);
        }

        league.Serve();
        await league.UntilIdleAsync(0);
        var (memory, waits) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            // Another build is another content hash, whatever it is that differs.
            foreach (var id in ids) builds.Write($"{id}/build.txt", round.ToString(CultureInfo.InvariantCulture));
            var (before, watch) = (league.Started(), Stopwatch.StartNew());
            foreach (var id in ids) league.Drop(builds.File(id));
            await league.UntilAsync(() => league.Started() > before);
            waits.Add(watch.Elapsed.TotalSeconds);
            // Seen while it is held, so that it would be seen when it stays.
            if (round == 0) await league.UntilAsync(() => Held(league, ids).Any());
            await league.UntilIdleAsync((round + 1) * Plugins);
            memory.Add(league.HostMegabytes());
            Assert.Empty(Held(league, ids));
            TestContext.Current.SendDiagnosticMessage("{0}", FormattableString.Invariant(
                $"{(round + 1) * Plugins} drops: {memory[^1]:0.0} MB, first phase {waits[^1]:0.00} s after the first of ten drops"));
        }

        Assert.True(await league.StopAsync() == 0, league.Said);
        // After 20, 30 and 40 drops, and after 80, 90 and 100.
        var (first, last) = (Median(memory[1..4]), Median(memory[^3..]));
        var figures = FormattableString.Invariant($"memory of the host {first:0} MB after 20 to 40 drops, {last:0} MB after 80 to 100; {
            string.Join(", ", memory.Select(m => FormattableString.Invariant($"{m:0}")))}");
        TestContext.Current.SendDiagnosticMessage("{0}", figures);
        Assert.True(Math.Abs(last - first) <= MostMegabytes, figures);
        Assert.Equal((Rounds - 1) * Plugins, league.Entries().Count(e => e.Contains("superseded", StringComparison.Ordinal)));
        Assert.Equal(Rounds * Sound, league.Entries().Count(e => e.EndsWith("3/3 0", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Held(LeagueOnDisk league, string[] ids) =>
        HeldFiles.Of(league.HostId).Where(f => ids.Contains(Path.GetFileNameWithoutExtension(f)));

    private static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        return ordered[ordered.Length / 2];
    }
}
