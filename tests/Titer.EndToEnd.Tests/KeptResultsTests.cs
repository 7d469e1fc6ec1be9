using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>A newer host reads what an older one wrote: the folder is kept as version 0.2.0 left it, and is never written again.</summary>
public sealed class KeptResultsTests : IDisposable
{
    private readonly KeptResults _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Results_of_an_older_version_are_reported_with_nothing_set_aside_and_no_doubt_about_their_seal()
    {
        var before = Files();
        var outcome = await TiterAsync("report", _run.Results, "--json");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        Assert.Equal("", outcome.Error);
        var (now, then) = (JsonNode.Parse(outcome.Output)!, JsonNode.Parse(File.ReadAllText(Path.Combine(_run.Results, "leaderboard.json")))!);
        Assert.StartsWith("0.2.0+", (string)now["tournament"]!["host_version"]!, StringComparison.Ordinal);
        static IEnumerable<string> Rows(JsonNode board) => board["leaderboard"]!.AsArray().Select(r => $"{r!["defense"]} {r["status"]}").Order();
        Assert.Equal(Rows(then), Rows(now));
        static IEnumerable<string> Cells(JsonNode board) => board["crosstable"]!.AsArray()
            .Select(c => $"{c!["defense"]} {c["attack"]} {c["exposure"]} {c["status"]}").Order();
        Assert.Equal(Cells(then), Cells(now));
        Assert.DoesNotContain(now["warnings"]!.AsArray(), w => ((string)w!).Contains("TITER237", StringComparison.Ordinal));
        Assert.Equal(before, Files());
    }

    [SampledFact]
    public async Task Its_page_is_written_its_answers_are_judged_again_and_its_file_is_played_on_the_scenario_of_now()
    {
        var page = await TiterAsync("report", _run.Results, "--page");
        Assert.True(page.ExitCode == 0, page.Error);
        Assert.Contains("## Provenance", page.Output, StringComparison.Ordinal);

        // It was played on the embedded scenario of its day.
        var other = await TiterAsync("score", _run.Results, "--set", "harm_threshold=0.3");
        Assert.Contains("TITER616", other.Error, StringComparison.Ordinal);
        var scored = await TiterAsync("score", _run.Results, "--set", "harm_threshold=0.3", "--other-scenario");
        Assert.True(scored.ExitCode is 0 or 1, scored.Error);
        Assert.True(File.Exists(Path.Combine(_run.Results, "scored", "leaderboard.json")));

        var spec = JsonNode.Parse(File.ReadAllText(Path.Combine(_run.Results, "run.lock.json")))!;
        var plan = await TiterAsync("plan", Path.Combine(_run.Results, "run.yaml"), "--no-estimate", "--json");
        Assert.True(plan.ExitCode == 0, plan.Error);
        var again = JsonNode.Parse(plan.Output)!;
        Assert.NotEqual((string)spec["scenario_hash"]!, (string)again["scenario_hash"]!);
        Assert.Equal(spec["defenses"]!.AsArray().Count, again["phases"]!.AsArray().Select(p => (string)p!["defense"]!).Distinct().Count());
        // What another version measured is not this one's result.
        Assert.Equal(again["phases"]!.AsArray().Count, (int)again["left"]!);
    }

    private Task<TiterOutcome> TiterAsync(params string[] arguments) =>
        TiterProcess.RunAsync(Path.GetDirectoryName(_run.Results)!, new Dictionary<string, string> { ["TITER_HOME"] = _run.Home }, arguments);

    private string[] Files() => [.. Directory.EnumerateFiles(_run.Results, "*", SearchOption.AllDirectories)
        .Select(f => $"{f} {new FileInfo(f).Length} {File.GetLastWriteTimeUtc(f).Ticks}").Order(StringComparer.Ordinal)];
}
