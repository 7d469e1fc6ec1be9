using System.Globalization;
using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>A phase that takes long is not a phase that hangs; one that hangs ends in its own seconds.</summary>
[Collection(Sleepers.Name)]
public sealed class PatienceTests
{
    [SampledTheory]
    [InlineData("auto", 2)]
    public Task A_defense_of_a_minute_behind_the_sandbox_ends_by_itself(string sandbox, int lanes) =>
        AssertPatientAsync(sandbox, lanes, seconds: 60, seeds: 1);

    [Theory(Explicit = true)]
    [InlineData("on", 1)]
    [InlineData("on", 2)]
    public Task A_defense_of_four_minutes_behind_the_sandbox_ends_by_itself_five_times(string sandbox, int lanes) =>
        AssertPatientAsync(sandbox, lanes, seconds: 240, seeds: 5);

    [SampledTheory]
    [InlineData("dispose_hangs", "the plugin's Dispose ran")]
    [InlineData("initializer_hangs", "module initializers or static fields ran")]
    public async Task What_hangs_is_ended_in_its_own_seconds_and_named(string plugin, string words)
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml",
            $"name: t\nseeds: [1]\nbudget: {{ attack: {{ steps: 1 }}, defense: {{ steps: 3, seconds: 5 }} }}\ndefenses: [{plugin}]\nattacks: []\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Zoo.Fixtures);

        Assert.Equal(1, outcome.ExitCode);
        var row = Leaderboard.Read(Path.Combine(folder.Path, "results", "t")).Row(plugin);
        Assert.Equal(("timeout", "TITER203"), ((string)row["status"]!, (string)row["code"]!));
        Assert.Contains(words, (string)row["reason"]!, StringComparison.Ordinal);
    }

    [SampledTheory]
    [InlineData("async_void", "an async void method")]
    [InlineData("task", "a task or thread")]
    [InlineData("thread", "a task or thread")]
    public async Task A_plugin_that_still_runs_is_not_done(string how, string words)
    {
        var row = await RowOfRunningOnAsync(how);

        Assert.Equal(("error", "TITER225"), ((string)row["status"]!, (string)row["code"]!));
        Assert.Contains(words, (string)row["reason"]!, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task A_thread_that_sleeps_while_it_is_looked_for_is_not_done_either()
    {
        var row = await RowOfRunningOnAsync("sleepy_thread");

        // Awake or asleep, writing or not: which of the three looks it falls under first is the machine's choice.
        var seen = ((string)row["status"]!, (string)row["code"]!) switch
        {
            ("error", "TITER225") => "still ran",
            ("invalid", "TITER240") => "somebody wrote to it afterwards",
            var other => throw new InvalidOperationException(other.ToString()),
        };
        Assert.Contains(seen, (string)row["reason"]!, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> RowOfRunningOnAsync(string how)
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml",
            "name: t\nseeds: [1]\nbudget: { attack: { steps: 1 }, defense: { steps: 3, seconds: 20 } }\ndefenses: [{ id: runs_on, set: "
                + $"{{ how: {how} }} }}]\nattacks: []\n");

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Zoo.Fixtures);

        Assert.Equal(1, outcome.ExitCode);
        return Leaderboard.Read(Path.Combine(folder.Path, "results", "t")).Row("runs_on");
    }

    private static async Task AssertPatientAsync(string sandbox, int lanes, int seconds, int seeds)
    {
        using var folder = new TestFolder();
        var all = string.Join(", ", Enumerable.Range(1, seeds));
        folder.WriteTournament("t.yaml", string.Create(CultureInfo.InvariantCulture,
            $"name: t\nseeds: [{all}]\nbudget: {{ attack: {{ steps: 1 }}, defense: {{ steps: 3, seconds: {seconds + 60} }} }}\ndefenses: [{{ id: "
                + $"sleeps_long, set: {{ seconds: {seconds} }} }}]\nattacks: []\n"));

        var outcome = await TiterProcess.RunAsync(folder.Path, TimeSpan.FromMinutes(30), "run", "t.yaml", "--plugins", Zoo.Fixtures, "--sandbox",
            sandbox, "--lanes", lanes.ToString(CultureInfo.InvariantCulture));

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        var phases = Directory.GetFiles(Path.Combine(folder.Path, "results", "t", "phases")).Select(f => JsonNode.Parse(File.ReadAllText(f))!)
            .ToArray();
        var slow = phases.Where(p => (string)p["kind"]! == "defend" && (string)p["defense"]! == "sleeps_long").ToArray();
        Assert.Equal(seeds, slow.Length);
        Assert.All(slow, p => Assert.Equal("done", (string)p["status"]!));
    }
}
