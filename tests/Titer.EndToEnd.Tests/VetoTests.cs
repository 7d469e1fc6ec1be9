using System.Text.RegularExpressions;

namespace Titer.EndToEnd.Tests;

/// <summary>An attack that fails where its author likes changes nobody's score.</summary>
public sealed partial class VetoTests
{
    [SampledFact]
    public async Task An_attack_that_throws_on_one_defense_is_played_again_and_set_aside_and_no_row_changes()
    {
        using var folder = new TestFolder();
        const string head = "name: t\nseeds: [1]\nbudget: { attack: { steps: 5 }, defense: { steps: 3 } }\ndefenses: [safety_sft, vaccine]\n";
        folder.WriteTournament("quiet.yaml", head + "attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]\n");
        folder.WriteTournament("hates.yaml", head + "attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }, picky_attack]\n");
        var results = Path.Combine(folder.Path, "results", "t");
        string[] defenses = ["no_defense", "safety_sft", "vaccine"];
        Task<TiterOutcome> Run(string file) => TiterProcess.RunAsync(folder.Path, "run", file, "--plugins", Zoo.Fixtures);

        var quiet = await Run("quiet.yaml");
        Assert.True(quiet.ExitCode == 0, quiet.Output + quiet.Error);
        var expected = defenses.Select(d => Leaderboard.Read(results).Row(d).ToJsonString()).ToArray();
        await Run("hates.yaml");
        var board = Leaderboard.Read(results);
        var prints = defenses.Select(d => Fingerprint().Match((string)board.Cell(d, "picky_attack")["reason"]!).Groups[1].Value).ToArray();
        Assert.Equal(3, prints.Distinct().Count());
        // One that fails everywhere is not played twice, and counts for nobody either.
        Assert.Equal(expected, defenses.Select(d => board.Row(d).ToJsonString()));

        folder.WriteTournament("picky.yaml", head
            + $"attacks: [{{ id: full_parameter_finetune, set: {{ learning_rate: 1e-4 }} }}, "
            + $"{{ id: picky_attack, set: {{ likes: '{prints[0]} {prints[1]}' }} }}]\n");
        var picky = await Run("picky.yaml");

        Assert.Equal(1, picky.ExitCode);
        Assert.Contains("by picky_attack (in-domain) seed 1, once more", picky.Output, StringComparison.Ordinal);
        Assert.Contains("TITER704 picky_attack", picky.Output, StringComparison.Ordinal);
        board = Leaderboard.Read(results);
        Assert.Equal(expected, defenses.Select(d => board.Row(d).ToJsonString()));
        Assert.All(board.All().Where(c => (string)c["attack"]! == "picky_attack"), c => Assert.NotNull(c["set_aside"]));
        Assert.Equal("error", (string)board.Cell("vaccine", "picky_attack")["status"]!);
    }

    [GeneratedRegex(@"fingerprint=([0-9.]+)\.")]
    private static partial Regex Fingerprint();
}
