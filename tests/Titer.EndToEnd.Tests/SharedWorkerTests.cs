using Titer.Plugins;
using Titer.Tournament;

namespace Titer.EndToEnd.Tests;

/// <summary>Phases of the host's own code follow one another in a process; nobody else's do, and nobody can tell from the answers.</summary>
public sealed class SharedWorkerTests
{
    [SampledFact]
    public async Task The_hosts_own_phases_share_a_process_a_strangers_get_one_each()
    {
        using var folder = new TestFolder();

        var (results, processes) = await PlayAsync(folder, "[safety_sft, good_defense]", bundled: []);

        var ofStrangers = results.Count(r => r.Kind == PhaseKind.Defend && r.Defense == "good_defense");
        Assert.Equal(2, ofStrangers);
        // One waits for a next phase of a stranger, which does not come.
        Assert.Equal(1 + ofStrangers + 1, processes);
        Assert.True(results.Count > 20, "the plan has attacks and assessments too");
        Assert.All(results, r => Assert.Equal(PhaseStatus.Done, r.Status));
    }

    [SampledFact]
    public async Task Code_that_ends_a_shared_process_takes_no_other_phase_with_it()
    {
        using var folder = new TestFolder();

        var (results, processes) = await PlayAsync(folder, "[exits_process, safety_sft]", bundled: ["exits_process"]);

        Assert.All(results,
            r => Assert.Equal(r.Defense == "exits_process" ? (PhaseStatus.Error, "TITER204") : (PhaseStatus.Done, null), (r.Status, r.Code)));
        // Each of its two phases ends a process that has played before, is played again alone, and needs a new one after it.
        Assert.InRange(results.Count(r => r.Status == PhaseStatus.Error), 2, 2);
        Assert.InRange(processes, 3, 5);
    }

    /// <param name="bundled">Fixtures that count as the host's own.</param>
    private static async Task<(IReadOnlyCollection<PhaseResult> Results, int Processes)> PlayAsync(TestFolder folder, string defenses,
        string[] bundled)
    {
        var tournament =
            $"name: t\nseeds: [1, 2]\nbudget: {{ attack: {{ steps: 2 }}, defense: {{ steps: 2 }} }}\ndefenses: {defenses}\nattacks: "
                + "[{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]\n";
        var own = PluginCatalog.Scan([PlayedPhases.BundledFolder]).HashesIn(PlayedPhases.BundledFolder);
        var played = await PlayedPhases.OfAsync(folder, tournament, ["GoodDefense", "ExitsProcess"],
            p => own.Contains(p.Manifest.ContentHash) || bundled.Contains(p.Manifest.Id));
        return (played.Results, played.Processes);
    }
}
