using System.Text.Json;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Phases;

/// <summary>What a process that runs a stranger's code is told of its phase.</summary>
public sealed class PlayerOrderTests
{
    [Fact]
    public void A_player_hears_of_no_judge_no_evaluation_and_no_verdict_that_is_kept()
    {
        var spec = Some.Spec("holds");
        var order = new PhaseOrder
        {
            Phase = TournamentPlan.From(spec).Phases[0], ScenarioPartFile = "/part", SubjectFolder = "/subject", Device = "cpu",
            Limits = spec.AttackLimits, ScratchFolder = "/scratch", MeasurementPartFile = "/secret/part", JudgePaths = ["/secret/judge"],
            VerdictsFolder = "/secret/verdicts", OutputVerdictsFile = "/secret/new",
        };

        Assert.Contains("/secret/verdicts", Told(order), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Told(order.ForPlayer()), StringComparison.Ordinal);
        Assert.Equal(PhaseRole.Player, order.ForPlayer().Role);
    }

    private static string Told(PhaseOrder order) => JsonSerializer.Serialize(new StartMessage(order), WireJson.Default.WireMessage);
}
