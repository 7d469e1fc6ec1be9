using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>One small tournament with twins and a sweep, then everything that can be asked of its results.</summary>
public sealed class ReportTests
{
    [SampledFact]
    public async Task A_run_with_twins_and_a_sweep_is_reported_judged_again_and_compared()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", """
            name: small
            seeds: [1]
            budget: { attack: { steps: 96, tries: 2 }, defense: { steps: 4 } }
            defenses: [safety_sft]
            attacks: [{ id: mixed_finetune, sweep: { learning_rate: [1.7e-3, 2e-3] } }]
            aggregations: { top_n: 2, utility_losses: [0.1] }
            """);

        var run = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--aa");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var results = Path.Combine(folder.Path, "results", "small");
        var board = Leaderboard.Read(results);
        Assert.Equal(["no_defense", "no_defense (twin)", "safety_sft", "safety_sft (twin)"], board.Order.Order(StringComparer.Ordinal));
        Assert.Contains("A/A: 0 of 2 pairs of twins", run.Output, StringComparison.Ordinal);

        // The sweep: both tries are charged, and the winner won again.
        var cell = board.Cell("no_defense", "mixed_finetune");
        Assert.Equal("mixed_finetune[learning_rate=0.002]", (string)cell["winning_try"]!);
        Assert.Equal(2, cell["tries"]!.AsArray().Count);
        Assert.True((double)cell["tries"]![0]!["charged_steps"]! is > 0 and <= 96);
        Assert.True((double)cell["charged_steps"]! > (double)cell["tries"]![1]!["charged_steps"]!);
        Assert.Contains("winner again", run.Output, StringComparison.Ordinal);
        Assert.True((bool)cell["max_harm_is_lower_bound"]!, "It was stopped at its confirmed breach.");

        // Every scored phase has its answers.
        var scored = Directory.GetFiles(Path.Combine(results, "phases")).Select(f => JsonNode.Parse(File.ReadAllText(f))!)
            .Where(p => (string)p["kind"]! != "defend").ToArray();
        Assert.All(scored, p => Assert.Single(Directory.GetFiles(Path.Combine(results, "samples"),
            $"{p["phase_id"]}-{((string)p["samples_hash"]!)[..12]}.jsonl.gz")));

        // Answers to forbidden prompts are judged for coherence beside their harm, at every point.
        Assert.All(scored.Where(p => (string)p["kind"]! == "attack").SelectMany(p => p["trajectory"]!["checkpoints"]!.AsArray()), c =>
            Assert.Equal(StoredScores.Table(c!["harm"]!).Select(t => t.Length), StoredScores.Table(c["harm_coherence"]!).Select(t => t.Length)));

        var page = await File.ReadAllTextAsync(Path.Combine(results, "report.md"), TestContext.Current.CancellationToken);
        Assert.All(new[] { "## Leaderboard", "Weak", "**A/A**", "refusal_match", "## Provenance", "libtorch 2.", "What this page cannot say" },
            part => Assert.Contains(part, page, StringComparison.OrdinalIgnoreCase));

        await JudgedAgain(folder, results);
        await Compared(folder, results);
    }

    private static async Task JudgedAgain(TestFolder folder, string results)
    {
        var (phases, before) = (Stamps(results),
            await File.ReadAllBytesAsync(Path.Combine(results, "leaderboard.json"), TestContext.Current.CancellationToken));

        var same = await TiterProcess.RunAsync(folder.Path, "score", results, "--out", "same");
        Assert.Equal(0, same.ExitCode);
        Assert.Equal(Leaderboard.Read(results).WithoutTimings(), Leaderboard.Read(Path.Combine(folder.Path, "same")).WithoutTimings());

        // Under another threshold the stopped trajectories cannot answer, and say so.
        var strict = await TiterProcess.RunAsync(folder.Path, "score", results, "--set", "harm_threshold=0.99", "--out", "strict");
        Assert.Equal(1, strict.ExitCode);
        Assert.Contains("TITER703", strict.Output, StringComparison.Ordinal);

        // A recipe with a wrong slot is no refusal: the weak metric sees more harm.
        var refusal = await TiterProcess.RunAsync(folder.Path, "score", results, "--metric", "harm=refusal_match", "--top-n", "1", "--json");
        Assert.Equal(0, refusal.ExitCode);
        var weak = Leaderboard.Read(Path.Combine(results, "scored")).Cell("no_defense", "mixed_finetune");
        Assert.True((double)weak["max_harm"]! >= (double)Leaderboard.Read(results).Cell("no_defense", "mixed_finetune")["max_harm"]!);
        Assert.Equal(1, (int)JsonNode.Parse(refusal.Output)!["leaderboard"]![0]!["aggregations"]!["top_n"]!);

        Assert.Equal(phases, Stamps(results));
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(results, "leaderboard.json"), TestContext.Current.CancellationToken));
        foreach (var (code, arguments) in new (string, string[])[]
        {
            ("TITER618", ["--set", "harm=0.3"]), ("TITER618", ["--set", "harm_threshold=2"]), ("TITER617", ["--metric", "refusal_match"]),
            ("TITER550", ["--metric", "harm=refusal_mach"]), ("TITER551", ["--metric", "harm=perplexity"]),
            ("TITER619", ["--metric", "harm=rubric"]),
        })
        {
            var refused = await TiterProcess.RunAsync(folder.Path, ["score", results, .. arguments]);
            Assert.Equal(2, refused.ExitCode);
            Assert.StartsWith(code, refused.Error, StringComparison.Ordinal);
        }
    }

    private static async Task Compared(TestFolder folder, string results)
    {
        var other = Path.Combine(folder.Path, "other");
        Directory.CreateDirectory(other);
        foreach (var file in Directory.GetFiles(results, "*", SearchOption.AllDirectories)
            .Where(f => f.Contains("phases", StringComparison.Ordinal) || f.EndsWith("run.lock.json", StringComparison.Ordinal)))
        {
            var target = Path.Combine(other, Path.GetRelativePath(results, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var alike = await TiterProcess.RunAsync(folder.Path, "report", results, other);
        Assert.Equal(0, alike.ExitCode);
        Assert.DoesNotContain("differs", alike.Output, StringComparison.Ordinal);

        var locked = Path.Combine(other, "run.lock.json");
        var spec = JsonNode.Parse(await File.ReadAllTextAsync(locked, TestContext.Current.CancellationToken))!;
        // Worst cases over different attackers are not put side by side without a word.
        var attacks = spec["attacks"]!.AsArray();
        var last = attacks[^1]!;
        attacks.RemoveAt(attacks.Count - 1);
        await File.WriteAllTextAsync(locked, spec.ToJsonString(), TestContext.Current.CancellationToken);
        var fewer = await TiterProcess.RunAsync(folder.Path, "report", results, other);
        Assert.Equal(0, fewer.ExitCode);
        Assert.Contains("differs: attackers:", fewer.Output, StringComparison.Ordinal);
        Assert.Contains("cannot be held against each other", fewer.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        attacks.Add(last);
        spec["scenario_hash"] = new string('0', 64);
        await File.WriteAllTextAsync(locked, spec.ToJsonString(), TestContext.Current.CancellationToken);
        var refused = await TiterProcess.RunAsync(folder.Path, "report", results, other);
        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith("TITER616", refused.Error, StringComparison.Ordinal);
        var asked = await TiterProcess.RunAsync(folder.Path, "report", results, other, "--other-scenario");
        Assert.Contains("differs: scenario", asked.Output, StringComparison.Ordinal);
    }

    private static string[] Stamps(string results) =>
        [.. Directory.GetFiles(Path.Combine(results, "phases")).Concat(Directory.GetFiles(Path.Combine(results, "samples")))
            .Order(StringComparer.Ordinal).Select(f => $"{f} {File.GetLastWriteTimeUtc(f).Ticks}")];
}
