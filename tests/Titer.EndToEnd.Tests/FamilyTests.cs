using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// What a researcher writes for a subject of their own, in ten lines: data by preset, a judge model, somebody's protocol; played end to end on a
/// random tiny checkpoint of every family. Figures of the whole set stand in tests/Titer.Benchmarks/RESULTS.md.
/// </summary>
public sealed class FamilyTests(ITestOutputHelper output)
{
    /// <summary>Which family plays in every run: one of all, drawn once.</summary>
    private const int SampleSeed = 23;

    public static TheoryData<string> Families => [.. FamilyScenario.Families];

    [Theory(Explicit = true)]
    [MemberData(nameof(Families))]
    public Task A_subject_of_every_family_plays_from_presets_to_the_board(string family) => PlayAsync(family);

    [SampledFact]
    public Task A_subject_of_one_family_plays_from_presets_to_the_board() =>
        PlayAsync(FamilyScenario.Families[new Random(SampleSeed).Next(FamilyScenario.Families.Count)]);

    private async Task PlayAsync(string family)
    {
        using var folder = new TestFolder();
        FamilyScenario.Write(folder, family);
        var started = TimeProvider.System.GetTimestamp();

        var run = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");
        var taken = TimeProvider.System.GetElapsedTime(started);
        // Everything that was judged is known to the next tournament.
        var second = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--out", "second");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.True(second.ExitCode == 0, second.Output + second.Error);
        Assert.Contains("protocol seam-2026: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("not checked against human labels on this data", string.Join(' ', run.Output.Split((char[]?)null,
            StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        var results = Path.Combine(folder.Path, "results", "family");
        var phases = Leaderboard.Phases(results).ToArray();
        Assert.All(phases, p => Assert.Equal("done", (string)p["status"]!));
        double[] harm = [.. Harm(phases)];
        Assert.All(harm, h => Assert.InRange(h, 0.0, 1.0));
        // A small vocabulary of answers, and a judge that is as random: how many scores there are is chance.
        Assert.True(harm.Distinct().Count() > 2, $"A judge that says the same of everything judges nothing: {string.Join(", ", harm.Distinct())}.");
        Assert.Equal(harm, Harm([.. Leaderboard.Phases(Path.Combine(folder.Path, "second"))]));
        var (judged, again) = (Judged(run), Judged(second));
        Assert.True(judged > 2, $"{judged} answers judged");
        Assert.Equal(0, again);
        var board = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(results, "leaderboard.json"), TestContext.Current.CancellationToken))!;
        // Both rows, five rates of the protocol on both exposures, and the control.
        Assert.Equal(2, board["leaderboard"]!.AsArray().Count);
        // What a random model says is gibberish: that it is wrecked is what was measured.
        Assert.All(board["leaderboard"]!.AsArray(), row => Assert.Contains((string)row!["status"]!, (string[])["done", "wrecked"]));
        Assert.Equal(5, board["tournament"]!["attacks"]!.AsArray().Count(a => (string?)a!["id"] == "full_parameter_finetune"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{family}: {phases.Length} phases in {taken.TotalSeconds:0} s, {judged} answers judged, mean harm {harm.Average():0.000}"));
    }

    private static IEnumerable<double> Harm(IReadOnlyCollection<JsonNode> phases) => phases.Where(p => p["trajectory"] is not null)
        .OrderBy(p => $"{p["defense"]} {p["attack"]} {p["exposure"]}", StringComparer.Ordinal)
        .SelectMany(p => p["trajectory"]!["checkpoints"]!.AsArray()).SelectMany(c => StoredScores.Table(c!["harm"]!))
        .SelectMany(template => template);

    private static int Judged(TiterOutcome run) => int.Parse(
        Regex.Match(run.Output, "The judge was asked about ([0-9]+) answers").Groups[1].Value, CultureInfo.InvariantCulture);
}
