using Titer.Files;
using Titer.Models.Checkpoints;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Scenarios.Tests;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Phases;

/// <summary>A subject that cannot be opened is a fact about the subject, with its own code: nothing is stored for it.</summary>
public sealed class SubjectFaultTests
{
    [Fact]
    public void A_setting_that_is_not_computed_here_is_no_result_of_anybody()
    {
        using var copy = new ScenarioCopy();
        var scenario = Scenario.Open(copy.Folder);
        // Damaged after it was opened: opening refuses it before any phase.
        var config = Path.Combine(Path.GetDirectoryName(copy.Weights)!, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"silu\"", "\"swish_of_their_own\"", StringComparison.Ordinal));
        using var root = PluginRoot.Create();

        var e = Assert.Throws<CheckpointException>(() => new PhasePlayer(new WarmPhaseHost(root, scenario, "cpu", _ => null)).Play(
            new PhaseOrder
            {
                Phase = new Phase { Id = "0123456789abcdef", Kind = PhaseKind.Assess,
                    Defense = new Entrant { Id = "d", Label = "d", ContentHash = "" }, Seed = 1, RandomSeed = 1 },
                ScenarioPartFile = "none",
                SubjectFolder = scenario.SubjectFolder,
                Device = "cpu",
                Limits = new PhaseLimits { Steps = 1, WallSeconds = 60 },
                ScratchFolder = copy.Folder,
            },
            new Silence(), CancellationToken.None));

        Assert.StartsWith("TITER416", e.Message, StringComparison.Ordinal);
        Assert.Contains("hidden_act 'swish_of_their_own' is not supported", e.Message, StringComparison.Ordinal);
    }
}
