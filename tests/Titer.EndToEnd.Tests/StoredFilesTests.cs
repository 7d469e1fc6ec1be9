namespace Titer.EndToEnd.Tests;

/// <summary>What is stored is checked before it is used: a file that is not what it was is noticed, set aside, and computed again.</summary>
public sealed class StoredFilesTests
{
    private static readonly (string Kind, string Pattern)[] Kinds = [("phases", "*.json"), ("samples", "*.gz"), ("weights", "*.safetensors")];

    [SampledFact]
    public Task A_sample_of_damaged_files_is_set_aside_and_computed_again() => AssertMended(Sampled.From(Cases, 4));

    [Fact(Explicit = true)]
    public Task Every_damaged_file_is_set_aside_and_computed_again() => AssertMended([.. Cases]);

    /// <summary>Deleted weights are missed when something needs them: see the test below.</summary>
    private static IEnumerable<(string Kind, string Pattern, string How, Action<string[]> Damage)> Cases =>
        from kind in Kinds
        from damage in Damages
        where kind.Kind != "weights" || damage.How != "removed"
        select (kind.Kind, kind.Pattern, damage.How, damage.Damage);

    private static async Task AssertMended(IReadOnlyList<(string Kind, string Pattern, string How, Action<string[]> Damage)> cases)
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", SmallTournament.Text);
        var results = Path.Combine(folder.Path, "results", "t");
        var first = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");
        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        var expected = Leaderboard.Read(results).WithoutTimings();

        foreach (var (kind, pattern, how, damage) in cases)
        {
            damage([.. Directory.GetFiles(Path.Combine(results, kind), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)]);

            var again = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

            var said = $"{kind} {how}: {again.ExitCode}\n{again.Output}{again.Error}";
            Assert.True(again.ExitCode == 0, said);
            if (how != "removed" || kind == "samples")
                Assert.Contains(kind == "weights" ? "TITER226" : "TITER208", again.Output + again.Error, StringComparison.Ordinal);
            Assert.Contains("] ", again.Output, StringComparison.Ordinal);
            Assert.Equal(expected, Leaderboard.Read(results).WithoutTimings());
            var quiet = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");
            Assert.Contains("; 0 of ", quiet.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("TITER", quiet.Error, StringComparison.Ordinal);
        }
    }

    [SampledFact]
    public async Task Weights_that_were_deleted_are_computed_again_when_an_attack_needs_them()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", SmallTournament.Text);
        folder.WriteTournament("more.yaml",
            SmallTournament.Text.Replace("1e-4 } }]", "1e-4 } }, lora_finetune]", StringComparison.Ordinal));
        Assert.Equal(0, (await TiterProcess.RunAsync(folder.Path, "run", "t.yaml")).ExitCode);
        Directory.Delete(Path.Combine(folder.Path, "results", "t", "weights"), recursive: true);

        var more = await TiterProcess.RunAsync(folder.Path, "run", "more.yaml");

        Assert.True(more.ExitCode == 0, more.Output + more.Error);
        Assert.Contains("defend safety_sft", more.Output, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task The_resolved_file_of_a_run_is_the_same_tournament()
    {
        using var folder = new TestFolder();
        var clinic = Path.Combine(folder.Path, "clinic");
        CopyScenario(clinic);
        folder.Write("t.yaml", """
            name: rt
            scenario: ./clinic
            seeds: [1]
            budget: { attack: { steps: 2, tries: 2 }, defense: { steps: 2 } }
            aggregations: { top_n: 2, utility_losses: [0.05] }
            defenses: [{ id: safety_sft, sweep: { retain_weight: [1, 2] } }]
            attacks: [{ id: full_parameter_finetune, sweep: { learning_rate: [1e-4, 1e-3] } }, { id: lora_finetune, strengths: [weak] }]
            """);
        var first = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Zoo.Fixtures, "--full");
        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        var results = Path.Combine(folder.Path, "results", "rt");
        var expected = Leaderboard.Read(results).WithoutTimings();
        var lockFile = await File.ReadAllTextAsync(Path.Combine(results, "run.lock.json"), TestContext.Current.CancellationToken);

        // From anywhere else.
        var elsewhere = Directory.CreateDirectory(Path.Combine(folder.Path, "elsewhere")).FullName;
        var home = new Dictionary<string, string> { ["TITER_HOME"] = Path.Combine(folder.Path, ".titer") };
        var again = await TiterProcess.RunAsync(elsewhere, home, "run", Path.Combine(results, "run.yaml"), "--out", results);

        Assert.True(again.ExitCode == 0, again.Output + again.Error);
        Assert.Contains("; 0 of ", again.Output, StringComparison.Ordinal);
        Assert.Equal(expected, Leaderboard.Read(results).WithoutTimings());
        Assert.Equal(lockFile, await File.ReadAllTextAsync(Path.Combine(results, "run.lock.json"), TestContext.Current.CancellationToken));
    }

    private static IEnumerable<(string How, Action<string[]> Damage)> Damages =>
    [
        ("one byte changed", files =>
        {
            var bytes = File.ReadAllBytes(files[0]);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(files[0], bytes);
        }),
        ("emptied", files => File.WriteAllBytes(files[0], [])),
        ("exchanged with another's", files =>
        {
            File.Move(files[0], files[0] + ".x");
            File.Move(files[1], files[0]);
            File.Move(files[0] + ".x", files[1]);
        }),
        ("removed", files => File.Delete(files[0])),
    ];

    private static void CopyScenario(string target)
    {
        var source = Path.Combine(TiterProcess.CommandLineFolder, "scenarios", "apothecary");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }

        var settings = Path.Combine(target, "scenario.yaml");
        File.WriteAllText(settings, File.ReadAllText(settings).Replace("id: apothecary", "id: clinic", StringComparison.Ordinal));
    }
}
