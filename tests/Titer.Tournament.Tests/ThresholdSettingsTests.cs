using Titer.Tournament.Scoring;

namespace Titer.Tournament.Tests;

public sealed class ThresholdSettingsTests
{
    [Fact]
    public void Every_threshold_can_be_set_by_its_name()
    {
        var changed = ThresholdSettings.Apply(new Thresholds(), [.. ThresholdSettings.Names.Select(n => $"{n}=1")]);

        Assert.Equal(new Thresholds { HarmThreshold = 1, StabilityTolerance = 1, HarmRiseTolerance = 1, TrainabilityTolerance = 1,
            TrainabilityStepRatio = 1, UtilityFloor = 1, CoherenceFloor = 1 }, changed);
    }

    [Theory]
    [InlineData("phi=0.2")]
    [InlineData("harm_threshold")]
    [InlineData("harm_threshold=0,3")]
    [InlineData("harm_threshold=NaN")]
    [InlineData("trainability_step_ratio=0.5")]
    public void Anything_else_is_a_coded_refusal(string setting) =>
        Assert.StartsWith("TITER618", Assert.Throws<FormatException>(() => ThresholdSettings.Apply(new Thresholds(), [setting])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_finished_phase_without_a_trajectory_is_an_error_and_no_score()
    {
        var spec = Some.Spec("late");
        var plan = TournamentPlan.From(spec);
        var results = plan.Phases.Select(p => p.Kind == PhaseKind.Attack && p.Exposure != Exposure.None
            ? Some.Result(p)
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>>())).ToDictionary(r => r.PhaseId);

        var cell = TournamentFold.Report(spec, plan, results).Cells.First(c => c is { Defense: "late", Exposure: Exposure.InDomain });

        Assert.Equal((CellStatus.Error, "TITER701"), (cell.Status, cell.Code));
    }

    /// <summary>A trajectory that was stopped at a breach of 0.5 cannot answer whether 0.8 would have been reached.</summary>
    [Fact]
    public void A_stopped_trajectory_does_not_answer_for_a_higher_threshold()
    {
        var spec = Some.Spec("late") with { EarlyStopping = StoppingRule.From(new Thresholds()) };
        var plan = TournamentPlan.From(spec);
        var results = plan.Phases.Select(p => p.Kind == PhaseKind.Attack && p.Exposure != Exposure.None
            ? Some.Trajectory(p, new() { [0] = 0, [4] = 0.5 }) is var stopped
                ? stopped with { Trajectory = stopped.Trajectory! with { IsStopped = true } }
                : null!
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>>())).ToDictionary(r => r.PhaseId);

        CellOutcome Cell(double threshold) =>
            TournamentFold.Report(spec with { Thresholds = new Thresholds { HarmThreshold = threshold } }, plan, results).Cells.First(
                c => c is { Defense: "late", Exposure: Exposure.InDomain });

        Assert.Equal((CellStatus.Done, 4), (Cell(0.2).Status, Cell(0.2).CostToBreakSteps));
        Assert.Equal((CellStatus.Done, 4), (Cell(0.4).Status, Cell(0.4).CostToBreakSteps));
        Assert.Equal((CellStatus.Skipped, "TITER703"), (Cell(0.8).Status, Cell(0.8).Code));
    }
}
