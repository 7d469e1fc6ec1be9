using Titer.Runtime.Tournaments;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Tournaments;

/// <summary>An estimate is what samples took, with the budgets that the tournament has.</summary>
public sealed class PlanEstimateTests
{
    private static readonly TournamentSpec Spec = Plain() with
    {
        Seeds = [1, 2], EarlyStopping = null, DefenseLimits = Plain().DefenseLimits with { Steps = 80 },
        AttackLimits = Plain().AttackLimits with { Steps = 24 },
    };

    private static readonly TournamentPlan Plan = TournamentPlan.From(Spec);

    [Fact]
    public void Steps_and_points_are_scaled_to_the_budget_and_lanes_share_the_work()
    {
        var one = Estimate(Spec, lanes: 1);
        var two = Estimate(Spec, lanes: 2);

        var (defends, assesses) = (Count(PhaseKind.Defend), Count(PhaseKind.Assess));
        var attacks = Plan.Phases.Count(p => p is { Kind: PhaseKind.Attack } && p.Exposure != Exposure.None);
        var controls = Count(PhaseKind.Attack) - attacks;
        // A defense: 1 s of the host, 0.1 s a step; an attack: 1 s to load, 0.5 s a point, 0.2 s a step; a control and an assessment
        // as they were.
        var expected = defends * (1 + 80 * 0.1) + attacks * (1 + EvaluationGrid.Steps(24).Count * 0.5 + 24 * 0.2) + controls * 1.5 + assesses * 3;
        Assert.Equal(expected, one.Seconds, 6);
        Assert.Equal(expected / 2, two.Seconds, 6);
        Assert.Equal(Plan.Phases.Count, one.Phases);
        Assert.Equal(400, two.Megabytes - one.Megabytes, 6);
    }

    [Fact]
    public void Where_runs_end_early_and_where_more_is_called_for_is_counted()
    {
        var full = Estimate(Spec, lanes: 1);
        var early = Estimate(Spec with { EarlyStopping = StoppingRule.From(Spec.Thresholds) }, lanes: 1);
        var more = Estimate(Spec, lanes: 1, more: 10);

        Assert.InRange(early.Seconds, 0.5 * full.Seconds, 0.95 * full.Seconds);
        Assert.Equal(full.Phases + 10, more.Phases);
        Assert.True(more.Seconds > full.Seconds && more.DiskMegabytes > full.DiskMegabytes);
    }

    [Fact]
    public void What_does_not_fit_is_said_before_the_run()
    {
        var estimate = new PlanEstimate(30, 60, Megabytes: 900, DiskMegabytes: 50);

        Assert.Empty(estimate.Problems(freeMegabytes: 1000, freeDiskMegabytes: 100, lanes: 2));
        Assert.Contains("TITER669 The run needs about 900 MB of memory, 800 MB are free.",
            Assert.Single(estimate.Problems(800, 100, 2)), StringComparison.Ordinal);
        Assert.Contains("TITER669 The run leaves about 50 MB of files, 20 MB are free.",
            Assert.Single(estimate.Problems(1000, 20, 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plugin_that_could_not_be_sampled_takes_what_its_kind_takes()
    {
        var samples = Samples().Where(s => s.Phase.Defense.Id == "no_defense").ToArray();

        var estimate = PlanEstimate.Of(Spec, [.. Plan.Phases], 0, samples, (8, 3), 1);

        Assert.Equal(Estimate(Spec, lanes: 1).Seconds, estimate.Seconds, 6);
    }

    private static PlanEstimate Estimate(TournamentSpec spec, int lanes, int more = 0) =>
        PlanEstimate.Of(spec, [.. Plan.Phases], more, Samples(), (8, 3), lanes);

    private static PhaseSample[] Samples()
    {
        var plan = TournamentPlan.From(Spec with { Seeds = [1] });
        return
        [
            .. plan.Phases.Where(p => p.Kind == PhaseKind.Defend).Select(p => Sample(p, 1.8, own: 0.8, steps: 8)),
            .. plan.Phases.Where(p => p.Kind == PhaseKind.Assess).Take(1).Select(p => Sample(p, 3, own: 0, steps: 48)),
            .. plan.Phases.Where(p => p is { Kind: PhaseKind.Attack, Defense.Id: "no_defense" } && p.Exposure != Exposure.CrossDomain)
                .Select(p => p.Exposure == Exposure.None ? Sample(p, 1.5, own: 0, steps: 0, points: 1)
                    : Sample(p, 3.6, own: 0.6, steps: 3, points: 4)),
        ];
    }

    private static PhaseSample Sample(Phase phase, double seconds, double own, int steps, int points = 0) => new(phase, phase.Done() with
    {
        WallSeconds = seconds,
        Spent = new Spent { Steps = steps, WallSeconds = own },
        PeakMemoryMegabytes = 400,
        Trajectory = points == 0 ? null : Some.Trajectory(phase, Enumerable.Range(0, points).ToDictionary(step => step, _ => 0.0)).Trajectory,
    }, Bytes: 1000);

    private static int Count(PhaseKind kind) => Plan.Phases.Count(p => p.Kind == kind);

    private static TournamentSpec Plain() => Some.Spec(["holds"]);
}
