using Titer.Plugins;
using Titer.Runtime.Results;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.EndToEnd.Tests;

/// <summary>No number is measured where a stranger's code ran, and nobody can tell from the numbers of honest plugins.</summary>
public sealed class BoundaryTests
{
    private const string Honest = """
        name: t
        seeds: [1]
        budget: { attack: { steps: 5 }, defense: { steps: 4 } }
        defenses: [safety_sft, vaccine]
        attacks: [full_parameter_finetune, lora_finetune]

        """;

    [Fact]
    public async Task The_short_cut_and_the_boundary_give_the_same_results_to_the_bit()
    {
        using var folder = new TestFolder();

        var inside = await PlayedPhases.OfAsync(folder, Honest, [], isOwn: _ => true);
        var apart = await PlayedPhases.OfAsync(folder, Honest, [], isOwn: _ => false);

        Assert.All(inside.Results, r => Assert.Equal(PhaseStatus.Done, r.Status));
        Assert.True(apart.Processes > inside.Processes, "every phase of a stranger has a process of its own");
        Assert.Equal(Text(inside), Text(apart));
    }

    [Fact]
    public async Task A_plugin_that_looks_everywhere_finds_its_own_data_and_no_evaluation_prompt()
    {
        using var folder = new TestFolder();
        var data = Scenario.Open("apothecary").Data;
        var own = data.AttackerHarmful[0].Prompt;
        string[] others = [.. data.EvaluationHarmful.Take(40).Concat(data.EvaluationBenign.Take(40)).Concat(data.TrainabilityEvaluation.Take(10)).Concat(data.DefenderHarmful.Take(10)).Select(e => e.Prompt)];
        string[] hidden = [.. others.Where(o => !data.AttackerHarmful.Concat(data.AttackerBenign).Any(e => e.Prompt.Contains(o, StringComparison.Ordinal)))];
        Assert.True(hidden.Length > 60, "prompts that no attacker has");

        var played = await PlayAsync(folder, "no_defense", $"{{ id: cheats_while_attacking, set: {{ trick: seek_prompts, needles: '{string.Join('|', hidden.Prepend(own))}' }} }}");

        var phase = Attacks(played, "cheats_while_attacking").First();
        Assert.Equal((PhaseStatus.Error, "TITER201"), (phase.Status, phase.Code));
        Assert.True(phase.Reason!.Contains($"found: {own} (file); {own} (memory).", StringComparison.Ordinal), phase.Reason);
    }

    [Fact]
    public async Task Weights_that_are_swapped_after_they_were_handed_over_are_refused_or_were_taken_before()
    {
        using var folder = new TestFolder();

        var played = await PlayAsync(folder, "no_defense", "{ id: cheats_while_attacking, set: { trick: swap } }", "{ id: cheats_while_attacking, set: { trick: honest } }");

        var phases = Attacks(played, "cheats_while_attacking").ToLookup(r => r.Attack!.Contains("swap", StringComparison.Ordinal), r => r);
        var honest = Assert.Single(phases[false], r => r.Exposure == Exposure.InDomain);
        Assert.Equal(PhaseStatus.Done, honest.Status);
        var swapped = Assert.Single(phases[true], r => r.Exposure == Exposure.InDomain);
        if (swapped.Status == PhaseStatus.Done) Assert.Equal(Harm(honest), Harm(swapped));
        else Assert.Equal((PhaseStatus.Invalid, "TITER240"), (swapped.Status, swapped.Code));
    }

    [Fact]
    public async Task A_defense_that_speaks_for_the_measurer_is_refused()
    {
        using var folder = new TestFolder();

        var played = await PlayAsync(folder, "{ id: cheats_while_defending, set: { trick: speak } }");

        var phase = Assert.Single(played.Results, r => r.Kind == PhaseKind.Defend && r.Defense.StartsWith("cheats", StringComparison.Ordinal));
        Assert.Equal((PhaseStatus.Invalid, "TITER240"), (phase.Status, phase.Code));
    }

    private static Task<PlayedPhases> PlayAsync(TestFolder folder, string defense, params string[] attacks)
    {
        var own = PluginCatalog.Scan([PlayedPhases.BundledFolder]).HashesIn(PlayedPhases.BundledFolder);
        return PlayedPhases.OfAsync(folder, $$"""
            name: t
            seeds: [1]
            budget: { attack: { steps: 5 }, defense: { steps: 4 } }
            defenses: [{{defense}}]
            attacks: [{{string.Join(", ", attacks)}}]

            """, ["CheatsWhileAttacking", "CheatsWhileDefending"], p => own.Contains(p.Manifest.ContentHash));
    }

    private static IEnumerable<PhaseResult> Attacks(PlayedPhases played, string id) => played.Results.Where(r => r.Attack?.StartsWith(id, StringComparison.Ordinal) == true);

    private static double[] Harm(PhaseResult result) => [.. result.Trajectory!.Checkpoints.SelectMany(c => c.Harm).SelectMany(h => h)];

    /// <summary>Everything but timings, by phase.</summary>
    private static IEnumerable<string> Text(PlayedPhases played) => played.Results.OrderBy(r => r.PhaseId, StringComparer.Ordinal).Select(r => PhaseFile.Text(r with
    {
        WallSeconds = 0,
        PeakMemoryMegabytes = 0,
        Spent = r.Spent with { WallSeconds = 0 },
        Trajectory = r.Trajectory is { } t ? t with { Checkpoints = [.. t.Checkpoints.Select(c => c with { DeviceSeconds = 0 })] } : null,
    }));
}
