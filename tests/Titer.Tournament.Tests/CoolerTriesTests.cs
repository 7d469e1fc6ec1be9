using Titer.Tournament.Scoring;

namespace Titer.Tournament.Tests;

/// <summary>An attack that ruins every model and gets nothing tries again cooler, is charged for it, and
/// counts by the first try that says something.</summary>
public sealed class CoolerTriesTests
{
    private const double Hot = 2e-3;

    private static readonly TournamentSpec Spec = Some.Spec("brittle") is var spec
        ? spec with { Attacks = [spec.Attacks[0], spec.Attacks[1] with { LearningRate = Hot }] }
        : throw new InvalidOperationException();

    [Fact]
    public void The_rate_goes_down_by_a_third_and_a_tenth_until_a_try_says_something()
    {
        var (plan, report) = Play(rate => rate > 5e-4);

        var cooler = plan.Phases.Where(p => p.Attack?.Label.Contains('[', StringComparison.Ordinal) == true).ToArray();
        Assert.Equal(["finetune[learning_rate=0.00067]", "finetune[learning_rate=0.0002]"], cooler.Select(p => p.Attack!.Label).Distinct());
        Assert.All(cooler, p => Assert.Equal("brittle", p.Defense.Id));
        Assert.Equal("0.0002", cooler[^1].Attack!.Options["learning_rate"]);
        var cell = report.Cells.Single(c => c is { Defense: "brittle", Attack: "finetune", Exposure: Exposure.InDomain });
        Assert.Equal((CellStatus.Done, "finetune[learning_rate=0.0002]", 3), (cell.Status, cell.WinningTry, cell.Tries.Count));
        Assert.Equal(3 * 32, cell.ChargedSteps);
        Assert.NotEqual("n/m", report.Rows.Single(r => r.Defense == "brittle").Titer);
    }

    [Fact]
    public void An_attack_that_ruins_every_model_at_every_rate_is_not_measured()
    {
        var (plan, report) = Play(_ => true);

        Assert.Equal(4,
            plan.Phases.Where(p => p.Attack?.Label.Contains('[', StringComparison.Ordinal) == true).Select(p => p.Attack!.Label).Distinct().Count());
        Assert.Equal(CellStatus.Wrecked, report.Cells.First(c => c is { Defense: "brittle", Attack: "finetune" }).Status);
    }

    /// <summary>By a rate of 0 a plugin takes one of its own: a third of 0 is the same try once more.</summary>
    [Fact]
    public void A_rate_that_the_plugin_chooses_is_not_divided()
    {
        var (plan, report) = Play(_ => true, spec: Spec with { Attacks = [Spec.Attacks[0], Spec.Attacks[1] with { LearningRate = 0 }] });

        Assert.DoesNotContain(plan.Phases, p => p.Attack?.Label.Contains('[', StringComparison.Ordinal) == true);
        Assert.Equal(CellStatus.Wrecked, report.Cells.First(c => c is { Defense: "brittle", Attack: "finetune" }).Status);
    }

    [Fact]
    public void A_model_that_its_defense_ruined_is_not_attacked_cooler()
    {
        var (plan, _) = Play(_ => true, ruinedBefore: true);

        Assert.DoesNotContain(plan.Phases, p => p.Attack?.Label.Contains('[', StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_queue_plays_cooler_tries_when_the_hot_ones_are_over_and_a_resumed_one_finds_them()
    {
        var queue = new PhaseQueue(Spec, TournamentPlan.From(Spec), new Dictionary<string, PhaseResult>());
        while (queue.Next() is { } phase) queue.Finish(phase, Result(phase, rate => rate > 1e-3, ruinedBefore: false));

        // Two exposures, three seeds, one cooler try.
        Assert.Equal(6, queue.Results.Values.Count(r => r.Attack?.Contains('[', StringComparison.Ordinal) == true));
        Assert.Equal(queue.Plan.Phases, FollowUps.Extend(Spec, TournamentPlan.From(Spec), queue.Results).Phases, (a, b) => a.Id == b.Id);
    }

    /// <summary>Where attacks are played to their end nobody waits for the reference, and it may come last.</summary>
    /// <param name="isAnother">A league makes another queue of the same results, in the order that holds then.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_queue_plays_the_same_tries_when_the_reference_comes_last(bool isAnother)
    {
        var spec = Spec with { EarlyStopping = null };
        var reference = TournamentPlan.ReferencePhase(spec).Id;
        var queue = new PhaseQueue(spec, TournamentPlan.From(spec), new Dictionary<string, PhaseResult>());
        Phase? held = null;
        void PlayAll()
        {
            while (queue.Next() is { } phase)
            {
                if (phase.Id == reference && held is null) held = phase;
                else queue.Finish(phase, Result(phase, rate => rate > 1e-3, ruinedBefore: false));
            }
        }

        PlayAll();
        Assert.DoesNotContain(queue.Results.Values, r => r.Attack?.Contains('[', StringComparison.Ordinal) == true);
        if (isAnother)
        {
            queue = new PhaseQueue(spec, queue.Plan, queue.Results);
            queue.Resume(reference);
        }

        var gained = queue.Finish(held!, Result(held!, rate => rate > 1e-3, ruinedBefore: false));
        PlayAll();

        Assert.Equal(6, gained.Count);
        Assert.Equal(6, queue.Results.Values.Count(r => r.Attack?.Contains('[', StringComparison.Ordinal) == true));
        Assert.Equal(queue.Plan.Phases.Select(p => p.Id).Order(),
            FollowUps.Extend(spec, TournamentPlan.From(spec), queue.Results).Phases.Select(p => p.Id).Order());
    }

    private static (TournamentPlan Plan, TournamentReport Report) Play(Func<double, bool> ruins, bool ruinedBefore = false,
        TournamentSpec? spec = null)
    {
        spec ??= Spec;
        var plan = TournamentPlan.From(spec);
        Dictionary<string, PhaseResult> Results() => plan.Phases.ToDictionary(p => p.Id, p => Result(p, ruins, ruinedBefore));
        while (FollowUps.Extend(spec, plan, Results()) is var extended && extended.Phases.Count > plan.Phases.Count) plan = extended;
        return (plan, TournamentFold.Report(spec, plan, Results()));
    }

    private static PhaseResult Result(Phase phase, Func<double, bool> ruins, bool ruinedBefore) =>
        phase is { Kind: PhaseKind.Attack, Defense.Id: "brittle", Attack.LearningRate: { } rate } && ruins(rate)
            ? Some.Curve(phase, (0, 0, ruinedBefore ? 0.1 : 1), (32, 0, 0.1)) with { Spent = new Spent { Steps = 32 } }
            : Some.Standard(phase,
                new Dictionary<string, Dictionary<int, double>>()) with { Spent = new Spent { Steps = phase.Kind == PhaseKind.Attack ? 32 : 0 } };
}
