using System.Runtime.Versioning;
using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>Ten plugins that want to win, to spoil or to stay, beside three good ones, which come to what they come to alone.</summary>
[SupportedOSPlatform("linux")]
[Collection(Alone.Name)]
public sealed class HostileNeighborsTests
{
    private const string Head = """
        seeds: [1]
        budget: { attack: { steps: 3 }, defense: { steps: 3, seconds: 20, megabytes: 800 } }

        """;

    [SampledTheory]
    [InlineData("on")]
    [InlineData("landlock")]
    public async Task Rows_beside_ten_hostile_plugins_are_those_of_a_quiet_run_and_nothing_is_left(string sandbox)
    {
        if (sandbox == "landlock") LandlockTests.SkipWithoutLandlock();
        using var folder = new TestFolder();
        var temporary = Directory.CreateDirectory(Path.Combine(folder.Path, "tmp")).FullName;
        folder.WriteTournament("quiet.yaml", $"name: quiet\n{Head}{TenHostilePlugins.Alone}");
        folder.WriteTournament("hostile.yaml", $"name: hostile\n{Head}{TenHostilePlugins.Beside}");
        var environment = new Dictionary<string, string> { ["TMPDIR"] = temporary };

        var quiet = await TiterProcess.RunAsync(folder.Path, environment, "run", "quiet.yaml", "--lanes", "2", "--sandbox", sandbox);
        var hostile = await TiterProcess.RunAsync(folder.Path, environment, "run", "hostile.yaml", "--plugins", Zoo.Fixtures, "--lanes", "2",
            "--sandbox", sandbox);

        Assert.True(quiet.ExitCode == 0, quiet.Output + quiet.Error);
        Assert.True(hostile.ExitCode == 1, hostile.Output + hostile.Error);
        var (alone, beside) = (Leaderboard.Read(Results(folder, "quiet")), Leaderboard.Read(Results(folder, "hostile")));
        Assert.Equal(alone.Order, beside.Order.Where(TenHostilePlugins.GoodDefenses.Contains));
        Assert.All(TenHostilePlugins.GoodDefenses, d => Assert.Equal(Row(alone, d), Row(beside, d)));
        Assert.Equal(GoodPhases(folder, "quiet"), GoodPhases(folder, "hostile"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary, "titer-*"));
        Assert.Empty(Directory.EnumerateFiles("/dev/shm", "titer-trap*"));
        Assert.DoesNotContain(folder.Path, await File.ReadAllTextAsync("/proc/self/mountinfo", TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Empty(ProcessesOf(temporary));
    }

    private static string Results(TestFolder folder, string name) => Path.Combine(folder.Path, "results", name);

    /// <summary>Ranks are relative, and attackers that count for nobody are counted.</summary>
    private static string Row(Leaderboard board, string defense)
    {
        var row = board.Row(defense).DeepClone().AsObject();
        foreach (var relative in new[] { "rank", "rank_low", "rank_high" }) row.Remove(relative);
        return row.ToJsonString();
    }

    /// <summary>Everything that was measured of the good defenses by the good attack: weights and answers by their hashes.</summary>
    private static string[] GoodPhases(TestFolder folder, string name) =>
    [
        .. Leaderboard.Phases(Results(folder, name))
            .Where(TenHostilePlugins.IsGood)
            .Select(p => $"{p["phase_id"]} {p["status"]} {p["weights_hash"]} {p["samples_hash"]} {p["trajectory"]?["checkpoints"]?.AsArray().Count}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Whoever was started with a folder below this one.</summary>
    private static string[] ProcessesOf(string temporary) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(d => Path.GetFileName(d).All(char.IsAsciiDigit))
            .Select(d => Said(Path.Combine(d, "cmdline")) + Said(Path.Combine(d, "environ")))
            .Where(text => text.Contains(temporary, StringComparison.Ordinal)),
    ];

    private static string Said(string file)
    {
        try
        {
            return File.ReadAllText(file).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
