using System.Runtime.Versioning;
using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// Nothing flows between phases, and nobody can tell by looking around what they are played for: plugins that write down everything that they see
/// see the same in a validation and in a tournament, whatever else is played, and nothing of what was left before.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class NothingFlowsTests
{
    private const string Brief = "name: t\nseeds: [1]\nbudget: { attack: { steps: 3 }, defense: { steps: 2 } }\n";

    private static readonly string Attack = Path.Combine(Zoo.Fixtures, "WritesDownAttack");
    private static readonly string Defense = Path.Combine(Zoo.Fixtures, "WritesDownDefense");

    [SampledFact]
    public async Task An_attack_cannot_tell_a_validation_from_a_tournament()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", $"{Brief}defenses: [safety_sft]\nattacks: [writes_down_attack]\n");
        var kept = Path.Combine(folder.Path, "kept");

        var validated = await TiterProcess.RunAsync(folder.Path, "plugin", "validate", Attack, "--sandbox", "on", "--keep", kept,
            "--tournament", "t.yaml");
        SkipWithoutSandbox(validated);
        var played = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Attack, "--sandbox", "on", "--lanes", "1");

        Assert.True(played.ExitCode == 0, played.Output + played.Error);
        var (inValidation, inTournament) = (Seen(kept), Seen(Path.Combine(folder.Path, "results", "t")));
        Assert.Equal(4, inTournament.Count);
        Assert.Equal(inTournament.Keys, inValidation.Keys);
        Assert.All(inTournament, seen => Assert.Equal(seen.Value, inValidation[seen.Key]));
        // The first of the checks plays in such a process, and on what a phase plays on.
        AssertChecked(validated, inTournament.Values);
        Assert.Contains("passed  plays as in a tournament (4 phases", validated.Output, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task A_defense_cannot_tell_a_validation_from_a_tournament_nor_which_attack_comes()
    {
        using var folder = new TestFolder();
        var kept = Path.Combine(folder.Path, "kept");
        folder.WriteTournament("t.yaml", Brief);
        var validated = await TiterProcess.RunAsync(folder.Path, "plugin", "validate", Defense, "--sandbox", "on", "--keep", kept,
            "--tournament", "t.yaml");
        SkipWithoutSandbox(validated);
        var expected = Assert.Single(Seen(kept));
        AssertChecked(validated, [expected.Value]);

        string[] attacks = ["[{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]", "[lora_finetune, prune]"];
        foreach (var comes in attacks)
        {
            folder.WriteTournament("t.yaml", $"{Brief}defenses: [writes_down_defense]\nattacks: {comes}\n");
            var name = Path.Combine(folder.Path, $"results-{comes.Length}");
            var only = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Defense, "--sandbox", "on", "--out", name);
            Assert.True(only.ExitCode == 0, only.Output + only.Error);
            Assert.Equal(expected, Assert.Single(Seen(name)));
        }
    }

    [SampledFact]
    public async Task What_a_phase_leaves_anywhere_no_later_phase_sees()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml",
            $"{Brief}defenses: [writes_down_defense]\nattacks: [writes_down_attack]\n");

        var played = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Attack, Defense, "--sandbox", "on", "--lanes", "1");
        SkipWithoutSandbox(played);

        Assert.True(played.ExitCode == 0, played.Output + played.Error);
        var seen = Seen(Path.Combine(folder.Path, "results", "t"));
        Assert.Equal(5, seen.Count);
        Assert.All(seen.Values, lines =>
        {
            Assert.Contains("marks: ", lines);
            var left = lines.First(l => l.StartsWith("left: ", StringComparison.Ordinal));
            Assert.Contains("/dev/shm", left, StringComparison.Ordinal);
            Assert.Contains("/tmp", left, StringComparison.Ordinal);
        });
        Assert.Empty(Directory.EnumerateFiles("/dev/shm", "left-behind-by-a-plugin"));
    }

    /// <summary>What the first of the checks printed is what one of the phases wrote down.</summary>
    private static void AssertChecked(TiterOutcome validated, IEnumerable<string[]> phases)
    {
        static string Of(string[] phase, string name) =>
            phase.First(l => l.StartsWith($"{name}: ", StringComparison.Ordinal)).Replace(": ", " ", StringComparison.Ordinal);
        Assert.Contains(phases, phase => validated.Output.Contains($"beginning with '{Of(phase, "process")} {Of(phase, "match")}'",
            StringComparison.Ordinal));
    }

    /// <summary>By phase, what its plugin wrote down.</summary>
    private static SortedDictionary<string, string[]> Seen(string results)
    {
        const string Begin = "saw ";
        var seen = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var log in Directory.EnumerateFiles(Path.Combine(results, "logs"), "*.jsonl"))
        {
            string[] lines =
            [
                .. File.ReadLines(log).Select(l => (string)JsonNode.Parse(l)!["text"]!).Where(t => t.StartsWith(Begin, StringComparison.Ordinal))
                    .Select(t => t[Begin.Length..]),
            ];
            if (lines.Length > 0) seen[Path.GetFileNameWithoutExtension(log)] = lines;
        }

        return seen;
    }

    private static void SkipWithoutSandbox(TiterOutcome outcome)
    {
        if (outcome.Error.Contains("TITER613", StringComparison.Ordinal)) Assert.Skip($"No sandbox here: {outcome.Error}");
    }
}
