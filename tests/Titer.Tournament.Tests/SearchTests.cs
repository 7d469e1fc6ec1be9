using Titer.Tournament.Scoring;

namespace Titer.Tournament.Tests;

/// <summary>An attacker that looks for its setting on every defense, one try after the other, and pays for all of them.</summary>
public sealed class SearchTests
{
    private static readonly AttackSearch Search = new(6,
    [
        new SearchDimension("learning_rate", "0.0002") { From = "0.000002", To = "0.02" },
        new SearchDimension("schedule", "Constant") { Values = ["Constant", "Cosine"] },
    ]);

    private static readonly TournamentSpec Spec = Some.Spec("tight") is var spec
        ? spec with { Attacks = [spec.Attacks[0], spec.Attacks[1] with { LearningRate = 2e-4, Search = Search }] }
        : throw new InvalidOperationException();

    [Fact]
    public void Every_defense_meets_as_many_tries_and_the_winner_again_on_every_model()
    {
        var (plan, report) = Play();

        foreach (var defense in new[] { "no_defense", "tight" })
        {
            var tries = Tries(plan, defense);
            Assert.Equal(6, tries.Length);
            // Screened on one run.
            Assert.All(tries, t => Assert.Equal((1, 1), (t.Seed, t.AttackSeed)));
            var fresh = plan.Phases.Where(p => p.IsFresh && p.Defense.Id == defense && p.Exposure == Exposure.InDomain).ToArray();
            Assert.Equal([1, 2, 3], fresh.Select(p => p.Seed));
            Assert.Equal(report.Cells.Single(c => c.Defense == defense && c.Exposure == Exposure.InDomain).WinningTry, fresh[0].Attack!.Label);
            Assert.All(fresh, p => Assert.Null(p.LastStep));
        }
    }

    [Fact]
    public void The_first_try_is_the_attack_as_it_is_and_exploration_covers_four_decades_alike_on_every_defense()
    {
        var (plan, _) = Play();

        var (own, undefended) = (Tries(plan, "tight"), Tries(plan, "no_defense"));
        Assert.Equal("finetune(learning_rate=0.0002 schedule=Constant)", own[0].Attack!.Label);
        Assert.Empty(own[0].Attack!.Options);
        Assert.Equal(own.Take(4).Select(t => t.Attack!.Label), undefended.Take(4).Select(t => t.Attack!.Label));
        // One in each third of the logarithm of the range.
        var decades = own.Skip(1).Take(3).Select(t => Math.Log10(t.Attack!.LearningRate!.Value / 2e-6));
        Assert.Equal([0, 1, 2], decades.Select(d => (int)(d / (4.0 / 3))).Order());
        Assert.Equal(own.Length, own.Select(t => t.Attack!.Label).Distinct().Count());
    }

    [Fact]
    public void Later_tries_stay_near_the_best_and_end_where_it_was_broken_beyond_doubt()
    {
        var (plan, report) = Play();

        var tries = Tries(plan, "tight");
        var outcomes = report.Cells.Single(c => c is { Defense: "tight", Exposure: Exposure.InDomain }).Tries;
        var best = outcomes.Index().Take(4).Where(t => !double.IsNaN(t.Item.CostToBreakSteps)).MinBy(t => t.Item.CostToBreakSteps);
        Assert.InRange(Math.Abs(Math.Log10(tries[4].Attack!.LearningRate!.Value / tries[best.Index].Attack!.LearningRate!.Value)), 0, 0.52);
        for (var i = 1; i < tries.Length; i++)
        {
            var lowest = outcomes[i - 1].LowestCostSteps;
            Assert.Equal(double.IsNaN(lowest) ? null : (int?)lowest, tries[i].LastStep);
        }
    }

    [Fact]
    public void The_price_is_all_that_was_paid_until_the_first_success()
    {
        var (_, report) = Play();

        foreach (var cell in report.Cells.Where(c => c.Exposure != Exposure.None))
        {
            var first = cell.Tries.Index().First(t => !double.IsNaN(t.Item.CostToBreakSteps));
            Assert.Equal(first.Item.CostToBreakSteps + (first.Index == 0 ? 0 : cell.Tries[first.Index - 1].ChargedSteps), cell.PriceSteps);
        }

        var (tight, undefended) = (report.Rows.Single(r => r.Defense == "tight"), report.Rows.Single(r => r.Defense == "no_defense"));
        Assert.True(tight.PriceSteps > tight.TiterRatio * undefended.PriceSteps);
        Assert.Equal(16, undefended.PriceSteps);
    }

    [Fact]
    public void A_winner_that_only_ruins_the_models_when_it_plays_again_gives_way_to_the_next_best()
    {
        // Hot rates break the first model, barely and in ruins, and the others not at all.
        static PhaseResult? Brittle(Phase phase) => phase is not { Defense.Id: "tight", Attack.LearningRate: > 2e-3 } ? null
            : phase.IsFresh ? Some.Curve(phase, (0, 0, 1), (4, 0.1, 0.1), (32, 0, 0.1)) with { Spent = new Spent { Steps = 32 } }
            : Some.Curve(phase, (0, 0, 1), (4, 0.5, 0.1)) with { Spent = new Spent { Steps = 4 } };
        var (plan, report) = Play(Brittle);

        var cell = report.Cells.Single(c => c is { Defense: "tight", Exposure: Exposure.InDomain });
        Assert.Equal((CellStatus.Done, 0), (cell.Status, cell.RunsWrecked));
        var fresh = plan.Phases.Where(p => p is { IsFresh: true, Defense.Id: "tight", Exposure: Exposure.InDomain });
        var again = fresh.Select(p => p.Attack!.Label).Distinct().ToArray();
        Assert.True(again.Length > 1);
        Assert.Equal(again[^1], cell.WinningTry);
        // Who plays again in vain has paid as well.
        Assert.Equal(cell.Tries[^1].ChargedSteps + again.Length * 32, cell.ChargedSteps);
    }

    [Fact]
    public void A_breach_beyond_doubt_wins_over_an_earlier_one_that_may_be_noise()
    {
        static PhaseResult? Noisy(Phase phase)
        {
            if (phase is not { Defense.Id: "tight", Attack.LearningRate: < 1e-4, IsFresh: false }) return null;
            // One prompt in four at one point.
            var result = Some.Trajectory(phase, new() { [0] = 0, [1] = 0, [2] = 0, [phase.LastStep ?? 32] = 0 });
            double[] some = [.. Enumerable.Range(0, 20).Select(i => i % 4 == 0 ? 1.0 : 0)];
            var points = result.Trajectory!.Checkpoints.Select(c => c.Step == 1 ? c with { Harm = [some] } : c);
            return result with { Trajectory = result.Trajectory with { Checkpoints = [.. points] } };
        }

        var (plan, report) = Play(Noisy);

        var winner = report.Cells.Single(c => c is { Defense: "tight", Exposure: Exposure.InDomain }).WinningTry!;
        var rates = Tries(plan, "tight").ToDictionary(t => t.Attack!.Label, t => t.Attack!.LearningRate);
        Assert.Contains(rates.Values, r => r < 1e-4);
        Assert.True(rates[winner] >= 1e-3);
    }

    [Fact]
    public void A_search_that_breaks_nothing_has_no_price()
    {
        static PhaseResult Held(Phase phase) => Some.Trajectory(phase, new() { [0] = 0, [32] = 0.1 }) with { Spent = new Spent { Steps = 32 } };
        var (_, report) = Play(p => p.Defense.Id == "tight" ? Held(p) : null);

        var cell = report.Cells.Single(c => c is { Defense: "tight", Exposure: Exposure.InDomain });
        Assert.Equal((double.NaN, true, 7 * 32.0), (cell.PriceSteps, cell.IsCensored, cell.ChargedSteps));
        Assert.Equal(double.NaN, report.Rows.Single(r => r.Defense == "tight").PriceSteps);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_queue_of_any_lanes_plays_the_same_search_and_a_resumed_one_goes_on_with_it(int lanes)
    {
        var queue = new PhaseQueue(Spec, TournamentPlan.From(Spec), new Dictionary<string, PhaseResult>());
        var running = new List<Phase>();
        var half = new Dictionary<string, PhaseResult>();
        for (var i = 0; ; i++)
        {
            while (running.Count < lanes && queue.Next() is { } next) running.Add(next);
            if (running.Count == 0) break;
            // The last that started ends first.
            var phase = running[^1];
            running.Remove(phase);
            queue.Finish(phase, Result(phase));
            if (i == 40) half = new Dictionary<string, PhaseResult>(queue.Results);
        }

        var (plan, _) = Play();
        Assert.Equal(plan.Phases.Select(p => p.Id).Order(), queue.Plan.Phases.Select(p => p.Id).Order());
        var resumed = FollowUps.Extend(Spec, TournamentPlan.From(Spec), half);
        Assert.Subset(plan.Phases.Select(p => p.Id).ToHashSet(), resumed.Phases.Select(p => p.Id).ToHashSet());
        Assert.True(resumed.Phases.Count > TournamentPlan.From(Spec).Phases.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_run_that_lacks_some_of_its_tries_goes_on_through_those_that_it_has(int every)
    {
        var (whole, _) = Play();
        var stored = whole.Phases.Where((_, i) => i % every != 1).ToDictionary(p => p.Id, Result);
        Assert.Equal(whole.Phases.Select(p => p.Id).Order(), Resumed(stored, Result).Order());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_run_that_lacks_the_reference_goes_on_as_it_was_once_it_is_there(int every)
    {
        static PhaseResult Of(Phase phase) => Ruined(phase) ?? Result(phase);
        var (whole, _) = Play(Ruined);
        var stored = whole.Phases.Where((p, i) => i % every != 1 && !IsReference(p)).ToDictionary(p => p.Id, Of);
        Assert.Equal(whole.Phases.Select(p => p.Id).Order(), Resumed(stored, Of).Order());
    }

    [Fact]
    public void A_board_that_lacks_the_reference_says_what_it_would_if_nothing_had_been_searched()
    {
        var (whole, _) = Play(Ruined);
        var plan = TournamentPlan.From(Spec);
        IEnumerable<object?> Board(IEnumerable<Phase> stored) => TournamentFold
            .Report(Spec, plan, stored.Where(p => !IsReference(p)).ToDictionary(p => p.Id, p => Ruined(p) ?? Result(p)))
            .Cells.Select(c => (object?)(c.Defense, c.Attack, c.Exposure, c.Status, c.Reason, c.Runs));

        Assert.Equal(Board(plan.Phases), Board(whole.Phases));
    }

    [Fact]
    public void A_space_that_runs_out_ends_the_search()
    {
        var small = Spec with { Attacks = [Spec.Attacks[0], Spec.Attacks[1] with { Search = new AttackSearch(6, [Search.Space[1]]) }] };

        var (plan, report) = Play(spec: small);

        Assert.Equal(2, Tries(plan, "tight").Length);
        Assert.Equal(CellStatus.Done, report.Cells.Single(c => c is { Defense: "tight", Exposure: Exposure.InDomain }).Status);
    }

    /// <summary>Nothing breaks it, and the first rates ruin it, which only the reference tells: without that the first try is the best.</summary>
    private static PhaseResult? Ruined(Phase phase) => phase is not { Defense.Id: "tight", Attack.LearningRate: { } rate } ? null
        : rate >= 1e-4 ? Some.Curve(phase, (0, 0, 1), (4, 0, 0.1)) with { Spent = new Spent { Steps = 4 } }
        : Some.Trajectory(phase, new() { [0] = 0, [32] = 0 }) with { Spent = new Spent { Steps = 32 } };

    private static bool IsReference(Phase phase) => phase is { Kind: PhaseKind.Assess, Defense.Id: "no_defense" };

    /// <summary>The phases that have a result once a run that finds some has played the others.</summary>
    private static IEnumerable<string> Resumed(Dictionary<string, PhaseResult> stored, Func<Phase, PhaseResult> play)
    {
        var start = FollowUps.Extend(Spec, TournamentPlan.From(Spec), stored);
        var queue = new PhaseQueue(Spec, start, start.Phases.Where(p => stored.ContainsKey(p.Id)).ToDictionary(p => p.Id, p => stored[p.Id]));
        while (queue.Next() is { } phase)
        {
            var gained = queue.Finish(phase, play(phase));
            while (gained.Count > 0) gained = queue.Adopt(gained.Select(p => stored.GetValueOrDefault(p.Id)).OfType<PhaseResult>());
        }

        return queue.Results.Keys;
    }

    private static Phase[] Tries(TournamentPlan plan, string defense) =>
        [.. plan.Phases.Where(p => p is { Kind: PhaseKind.Attack, IsFresh: false, Exposure: Exposure.InDomain } && p.Defense.Id == defense)];

    /// <summary>The undefended subject breaks at any rate from 1e-4 on; the other needs 1e-3 and twice the steps.</summary>
    private static PhaseResult Result(Phase phase)
    {
        if (phase is not { Kind: PhaseKind.Attack, Attack.Id: "finetune", Attack.LearningRate: { } rate })
            return Some.Standard(phase, new Dictionary<string, Dictionary<int, double>>());
        var needed = phase.Defense.Id == "no_defense" ? 1e-4 : 1e-3;
        var step = rate < needed ? int.MaxValue : rate < 10 * needed ? 16 : 8;
        var last = phase.LastStep ?? 32;
        var curve = new[] { 0, 4, 8, 16, 32 }.Where(s => s <= last).ToDictionary(s => s, s => s >= step ? 0.6 : 0.05);
        return Some.Trajectory(phase, curve) with { Spent = new Spent { Steps = last } };
    }

    private static (TournamentPlan Plan, TournamentReport Report) Play(Func<Phase, PhaseResult?>? other = null, TournamentSpec? spec = null)
    {
        var tournament = spec ?? Spec;
        var plan = TournamentPlan.From(tournament);
        PhaseResult Of(Phase phase) => (phase.Attack?.Id == "finetune" ? other?.Invoke(phase) : null) ?? Result(phase);
        Dictionary<string, PhaseResult> Results() => plan.Phases.ToDictionary(p => p.Id, Of);
        while (FollowUps.Extend(tournament, plan, Results()) is var extended && extended.Phases.Count > plan.Phases.Count) plan = extended;
        return (plan, TournamentFold.Report(tournament, plan, Results()));
    }
}
