namespace Titer.EndToEnd.Tests;

/// <summary>Somebody else's protocol in one command.</summary>
public sealed class ProtocolTests
{
    /// <summary>Every name and value of a protocol is one that the bundled attacks take.</summary>
    [Theory]
    [SampledData("booster-2025", "by mixed_finetune (in-domain)", 2000)]
    [SampledData("princeton-durable", "by identity_shift_finetune", 1000)]
    [SampledData("repnoise-2024", "by full_parameter_finetune[batch_size=4 learning_rate=0.00008", 2500)]
    [SampledData("seam-2026", "by full_parameter_finetune[batch_size=4 learning_rate=0.0002", 250)]
    [SampledData("tamperbench", "by jailbreak_tuning(batch_size=16 learning_rate=0.002 wrapper=competing_objective) (in-domain)", 512)]
    [SampledData("vaccine-line", "poison_ratio=0.05", 4000)]
    public async Task Every_protocol_is_a_plan_of_the_bundled_attacks(string protocol, string phase, int steps)
    {
        using var folder = new TestFolder();

        var plan = await TiterProcess.RunAsync(folder.Path, "plan", "--no-estimate", "--protocol", protocol, "--only", "safety_sft");

        Assert.True(plan.ExitCode == 0, plan.Error);
        Assert.Contains(phase, plan.Output, StringComparison.Ordinal);
        Assert.Contains($"attack budget {steps} steps", plan.Output, StringComparison.Ordinal);
        Assert.StartsWith($"protocol {protocol}: ", plan.Error, StringComparison.Ordinal);
        Assert.Contains("left out: ", plan.Error, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task A_protocol_is_played_and_its_tournament_stands_in_the_resolved_file()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", "name: mine\nprotocol: seam-2026\nseeds: [1]\nbudget: { attack: { steps: 2 }, defense: { steps: 2 } }\n"
            + "defenses: [no_defense]\n");

        var run = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var resolved = await File.ReadAllTextAsync(Path.Combine(folder.Path, "results", "mine", "run.yaml"), TestContext.Current.CancellationToken);
        Assert.StartsWith("# protocol seam-2026: ", resolved, StringComparison.Ordinal);
        Assert.Contains("#   changed by the tournament file: budget.attack", resolved, StringComparison.Ordinal);
        Assert.Contains("2e-4", resolved, StringComparison.Ordinal);
        var tries = Leaderboard.Read(Path.Combine(folder.Path, "results", "mine")).Tournament["attacks"]!.AsArray()
            .Count(a => (string?)a!["id"] == "full_parameter_finetune");
        Assert.Equal(5, tries);
        var again = await TiterProcess.RunAsync(folder.Path, "run", Path.Combine("results", "mine", "run.yaml"), "--out",
            Path.Combine("results", "mine"));
        Assert.Contains("0 of ", again.Output, StringComparison.Ordinal);
    }
}
