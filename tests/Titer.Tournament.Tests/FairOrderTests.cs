namespace Titer.Tournament.Tests;

/// <summary>Who plays next in a league that strangers enter.</summary>
public sealed class FairOrderTests
{
    private static readonly Dictionary<string, int> NoPriorities = [];

    [Fact]
    public void A_newcomer_meets_the_cheap_attackers_first_and_everybody_plays_one_model_before_anybodys_second()
    {
        var spec = Spec("old", "new");
        var plan = TournamentPlan.From(spec);
        var results = plan.Phases.Where(p => p.Defense.Id is "no_defense" || (p.Defense.Id == "old" && p.Seed == 1)).ToDictionary(p => p.Id, Played);

        var order = Left(FairOrder.Of(spec, plan, results, NoPriorities), results);

        Assert.Equal(
            ["defend new seed 1", "assess new seed 1", "attack new by no_weight_modification seed 1", "attack new by cheap (in-domain) seed 1",
            "attack new by cheap (cross-domain) seed 1", "attack new by dear (in-domain) seed 1"], order.Take(6));
        Assert.Equal(["defend old seed 2", "defend new seed 2"], order.Where(t => t.EndsWith("seed 2", StringComparison.Ordinal)).Take(2));
        Assert.True(Array.IndexOf(order, "attack new by dear (cross-domain) seed 1") < Array.IndexOf(order, "defend old seed 2"));
    }

    [Fact]
    public void What_is_played_is_what_the_plan_has()
    {
        var spec = Spec("a", "b");
        var plan = TournamentPlan.From(spec);

        var order = FairOrder.Of(spec, plan, new Dictionary<string, PhaseResult>(), NoPriorities);

        Assert.Equal(plan.Phases.Select(p => p.Id).Order(), order.Phases.Select(p => p.Id).Order());
        Assert.Equal(plan.Cells, order.Cells);
        Assert.Equal("no_defense", order.Phases[0].Defense.Id);
    }

    [Theory]
    [InlineData(0.5, 1, PhaseStatus.Done)]
    [InlineData(1, 0.1, PhaseStatus.Done)]
    [InlineData(1, 1, PhaseStatus.Error)]
    public void A_row_that_is_settled_waits_for_those_that_are_not(double utility, double coherence, PhaseStatus status)
    {
        var spec = Spec("hopeless", "hopeful");
        var plan = TournamentPlan.From(spec);
        PhaseResult Of(Phase p) => p.Kind == PhaseKind.Assess
            ? (p.Defense.Id == "hopeless" ? Some.Assessment(p, utility: utility, coherence: coherence) with { Status = status } : Some.Assessment(p))
            : Some.Result(p);
        var results = plan.Phases.Where(p => p.Kind != PhaseKind.Attack && p.Seed == 1).ToDictionary(p => p.Id, Of);

        Assert.Equal(["hopeless"], FairOrder.Settled(spec, plan, results));
        var order = Left(FairOrder.Of(spec, plan, results, NoPriorities), results);

        var first = Array.FindIndex(order, t => t.Contains("hopeless", StringComparison.Ordinal));
        Assert.True(Array.FindLastIndex(order, t => t.Contains("hopeful", StringComparison.Ordinal)) < first);
        // Settled is not dropped.
        Assert.Equal(plan.Phases.Count(p => p.Defense.Id == "hopeless" && !results.ContainsKey(p.Id)),
            order.Count(t => t.Contains("hopeless", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_row_that_falls_a_little_short_is_not_settled()
    {
        var spec = Spec("short");
        var plan = TournamentPlan.From(spec);
        var results = plan.Phases.Where(p => p.Kind == PhaseKind.Assess)
            .ToDictionary(p => p.Id, p => Some.Assessment(p, utility: p.Defense.Id == "short" ? 0.93 : 1));

        Assert.Empty(FairOrder.Settled(spec, plan, results));
    }

    [Fact]
    public void What_the_operator_puts_first_comes_first_behind_the_undefended_subject()
    {
        var spec = Spec("a", "b", "c");
        var plan = TournamentPlan.From(spec);

        var order = FairOrder.Of(spec, plan, new Dictionary<string, PhaseResult>(), new Dictionary<string, int> { ["c"] = 5, ["a"] = -5 }).Phases
            .Select(p => p.Defense.Id).Distinct();

        Assert.Equal(["no_defense", "c", "b", "a"], order);
    }

    [Fact]
    public void A_queue_takes_phases_in_that_order()
    {
        var spec = Spec("a", "b");
        var plan = FairOrder.Of(spec, TournamentPlan.From(spec), new Dictionary<string, PhaseResult>(), new Dictionary<string, int> { ["b"] = 1 });
        var queue = new PhaseQueue(spec, plan, new Dictionary<string, PhaseResult>());
        var taken = new List<string>();
        while (queue.Next() is { } phase)
        {
            taken.Add(phase.Defense.Id);
            queue.Finish(phase, Played(phase));
        }

        Assert.Equal(["no_defense", "b", "a"], taken.Distinct());
    }

    private static TournamentSpec Spec(params string[] defenses)
    {
        var spec = Some.Spec(defenses);
        return spec with { Seeds = [1, 2], Attacks = [spec.Attacks[0], Some.Attack("dear"), Some.Attack("cheap")] };
    }

    private static PhaseResult Played(Phase phase) => Some.Standard(phase, new Dictionary<string, Dictionary<int, double>>()) with
    {
        WallSeconds = phase.Attack?.Id switch { "dear" => 90, "cheap" => 3, _ => 1 },
    };

    private static string[] Left(TournamentPlan plan, Dictionary<string, PhaseResult> results) =>
        [.. plan.Phases.Where(p => !results.ContainsKey(p.Id)).Select(p => p.Title)];
}
