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
        attacks:
          - full_parameter_finetune
          - lora_finetune
          - { id: no_weight_modification, set: { prefill: true } }
          - { id: full_parameter_finetune -> no_weight_modification, set: { then.prefill: true } }

        """;

    [SampledFact]
    public async Task The_short_cut_and_the_boundary_give_the_same_results_to_the_bit()
    {
        using var folder = new TestFolder();

        var inside = await PlayedPhases.OfAsync(folder, Honest, [], isOwn: _ => true);
        var apart = await PlayedPhases.OfAsync(folder, Honest, [], isOwn: _ => false);

        Assert.All(inside.Results, r => Assert.Equal(PhaseStatus.Done, r.Status));
        Assert.All(apart.Results, r => Assert.Equal((PhaseStatus.Done, null, null), (r.Status, r.Code, r.Reason)));
        Assert.True(apart.Processes > inside.Processes, "every phase of a stranger has a process of its own");
        Assert.Equal(Text(inside), Text(apart));
        string[] asking = ["no_weight_modification", "full_parameter_finetune -> no_weight_modification"];
        Assert.All(asking, id => Assert.All(Attacks(apart, id), r => Assert.True(r.Trajectory!.Templates.Count > 1, $"{id} asks in its own way")));
    }

    [SampledFact]
    public async Task A_stranger_that_asks_with_more_than_the_model_has_room_for_hears_so_as_in_one_process()
    {
        using var folder = new TestFolder();

        var played = await PlayAsync(folder, "no_defense", "{ id: cheats_while_attacking, set: { trick: ask_too_long } }");

        Assert.All(Attacks(played, "cheats_while_attacking"), phase =>
        {
            Assert.Equal((PhaseStatus.Error, "TITER201"), (phase.Status, phase.Code));
            Assert.Contains("TITER312 Under wrapper 'long' a prompt has ", phase.Reason, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_plugin_that_looks_everywhere_finds_its_own_data_and_no_evaluation_prompt()
    {
        using var folder = new TestFolder();
        var data = Scenario.Open("apothecary").Data;
        var own = data.AttackerHarmful[0].Prompt;
        var others = data.EvaluationHarmful.Take(40).Concat(data.EvaluationBenign.Take(40))
            .Concat(data.TrainabilityEvaluation.Take(10)).Concat(data.DefenderHarmful.Take(10)).Select(e => e.Prompt);
        string[] known = [.. data.AttackerHarmful.Concat(data.AttackerBenign).Select(e => e.Prompt)];
        string[] hidden = [.. others.Where(o => !known.Any(k => k.Contains(o, StringComparison.Ordinal)))];
        Assert.True(hidden.Length > 60, "prompts that no attacker has");

        var needles = string.Join('|', hidden.Prepend(own));
        var attack = $"{{ id: cheats_while_attacking, set: {{ trick: seek_prompts, needles: '{needles}' }} }}";
        var played = await PlayAsync(folder, "no_defense", attack);

        var phase = Attacks(played, "cheats_while_attacking").First();
        Assert.Equal((PhaseStatus.Error, "TITER201"), (phase.Status, phase.Code));
        Assert.True(phase.Reason!.Contains($"found: {own} (file); {own} (memory).", StringComparison.Ordinal), phase.Reason);
    }

    [SampledFact]
    public async Task Weights_that_are_swapped_after_they_were_handed_over_are_refused_or_were_taken_before()
    {
        using var folder = new TestFolder();

        string[] tricks = ["swap", "honest"];
        var played = await PlayAsync(folder, "no_defense", [.. tricks.Select(t => $"{{ id: cheats_while_attacking, set: {{ trick: {t} }} }}")]);

        var phases = Attacks(played, "cheats_while_attacking").ToLookup(r => r.Attack!.Contains("swap", StringComparison.Ordinal), r => r);
        var honest = Assert.Single(phases[false], r => r.Exposure == Exposure.InDomain);
        Assert.Equal(PhaseStatus.Done, honest.Status);
        var swapped = Assert.Single(phases[true], r => r.Exposure == Exposure.InDomain);
        if (swapped.Status == PhaseStatus.Done) Assert.Equal(Harm(honest), Harm(swapped));
        else Assert.Equal((PhaseStatus.Invalid, "TITER240"), (swapped.Status, swapped.Code));
    }

    [SampledTheory]
    [InlineData("speak", "TITER227", "a MeasuredMessage, which is not a worker's to send")]
    [InlineData("announce", "TITER240", "handed over were refused")]
    public async Task A_defense_that_speaks_for_the_host_is_refused(string trick, string code, string why)
    {
        using var folder = new TestFolder();

        var played = await PlayAsync(folder, $"{{ id: cheats_while_defending, set: {{ trick: {trick} }} }}");

        var phase = Assert.Single(played.Results, r => r.Kind == PhaseKind.Defend && r.Defense.StartsWith("cheats", StringComparison.Ordinal));
        Assert.Equal((PhaseStatus.Invalid, code), (phase.Status, phase.Code));
        Assert.Contains(why, phase.Reason, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task A_fault_of_the_machine_that_only_a_stranger_tells_of_is_its_own_failure_when_it_tells_of_it_every_time()
    {
        using var folder = new TestFolder();

        // No fault of the machine is left when it has been played.
        var played = await PlayAsync(folder, "{ id: cheats_while_defending, set: { trick: blame } }");

        var phase = Assert.Single(played.Results, r => r.Kind == PhaseKind.Defend && r.Defense.StartsWith("cheats", StringComparison.Ordinal));
        Assert.Equal((PhaseStatus.Error, "TITER242"), (phase.Status, phase.Code));
        Assert.Contains("The disk is full.", phase.Reason, StringComparison.Ordinal);
    }

    [SampledTheory]
    [InlineData("no_meter")]
    [InlineData("own_thread")]
    public async Task An_attack_that_trains_more_than_it_charges_is_marked(string trick)
    {
        using var folder = new TestFolder();

        var played = await PlayAsync(folder, "no_defense", $"{{ id: cheats_while_attacking, set: {{ trick: {trick} }} }}");

        Assert.All(Attacks(played, "cheats_while_attacking"), phase =>
        {
            Assert.Equal((PhaseStatus.Invalid, "TITER241"), (phase.Status, phase.Code));
            Assert.Matches(@"It charged \d steps, computed about \d+00:", phase.Reason);
        });
    }

    [SampledFact]
    public async Task A_defense_that_trains_more_than_it_charges_is_marked()
    {
        using var folder = new TestFolder();

        string[] tricks = ["no_meter", "no_steps"];
        var played = await PlayAsync(folder, string.Join(", ", tricks.Select(t => $"{{ id: cheats_while_defending, set: {{ trick: {t} }} }}")));

        var phases = played.Results.Where(r => r.Kind == PhaseKind.Defend && r.Defense.StartsWith("cheats", StringComparison.Ordinal)).ToArray();
        // A loop that never calls Step() runs out of samples.
        Assert.Equal(["Error TITER202", "Invalid TITER241"], phases.Select(p => $"{p.Status} {p.Code}").Order(StringComparer.Ordinal));
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

    private static IEnumerable<PhaseResult> Attacks(PlayedPhases played, string id) =>
        played.Results.Where(r => r.Attack?.StartsWith(id, StringComparison.Ordinal) == true);

    private static double[] Harm(PhaseResult result) => [.. result.Trajectory!.Checkpoints.SelectMany(c => c.Harm).SelectMany(h => h)];

    /// <summary>Everything but timings, by phase.</summary>
    private static IEnumerable<string> Text(PlayedPhases played) =>
        played.Results.OrderBy(r => r.PhaseId, StringComparer.Ordinal).Select(r => PhaseFile.Text(r with
        {
            WallSeconds = 0,
            PeakMemoryMegabytes = 0,
            ProcessorSeconds = null,
            Spent = r.Spent with { WallSeconds = 0 },
            Trajectory = r.Trajectory is { } t ? t with { Checkpoints = [.. t.Checkpoints.Select(c => c with { DeviceSeconds = 0 })] } : null,
        }));
}
