using System.Collections.Immutable;

namespace Titer.Tournament.Tests;

public sealed class TournamentPlanTests
{
    [Fact]
    public void A_defense_is_computed_once_per_seed_and_met_by_all_attacks()
    {
        var plan = TournamentPlan.From(Some.Spec("vaccine"));

        Assert.Equal(2 * 3, plan.Phases.Count(p => p.Kind == PhaseKind.Defend));
        Assert.Equal(2 * 3, plan.Phases.Count(p => p.Kind == PhaseKind.Assess));
        // One control (no exposure) and one harmful attack (two exposures).
        Assert.Equal(2 * 3 * 3, plan.Phases.Count(p => p.Kind == PhaseKind.Attack));
        Assert.Equal(18, plan.Cells.Count);
        Assert.All(plan.Phases.Where(p => p.Kind != PhaseKind.Defend),
            p => Assert.Contains(plan.Phases,
                d => d.Id == p.DefendPhaseId && d.Kind == PhaseKind.Defend && d.Seed == p.Seed && d.Defense == p.Defense));
    }

    [Fact]
    public void Ids_are_unique_and_the_same_every_time()
    {
        var (first, second) = (TournamentPlan.From(Some.Spec("vaccine")), TournamentPlan.From(Some.Spec("vaccine")));

        Assert.Equal(first.Phases.Select(p => p.Id), second.Phases.Select(p => p.Id));
        Assert.Equal(first.Phases.Count, first.Phases.Select(p => p.Id).Distinct().Count());
        Assert.All(first.Phases, p => Assert.Matches("^[0-9a-f]{16}$", p.Id));
    }

    public static TheoryData<string, Func<TournamentSpec, TournamentSpec>> Changes => new()
    {
        { "scenario", s => s with { ScenarioHash = "other" } },
        { "host version", s => s with { HostVersion = "2" } },
        { "device", s => s with { Device = "cuda:0" } },
        { "defense bytes", s => s with { Defenses = [s.Defenses[0] with { ContentHash = "other" }] } },
        { "defense option",
            s => s with { Defenses = [s.Defenses[0] with { Options = ImmutableSortedDictionary<string, string>.Empty.Add("rho", "2") }] } },
        { "defense budget", s => s with { DefenseLimits = s.DefenseLimits with { Steps = 101 } } },
        { "seed", s => s with { Seeds = [4] } },
    };

    [Fact]
    public void Which_gpu_is_used_is_no_part_of_an_id()
    {
        string[] Ids(string device) => [.. TournamentPlan.From(Some.Spec() with { Device = device }).Phases.Select(p => p.Id)];

        Assert.Equal(Ids("cuda"), Ids("cuda:0"));
        Assert.Equal(Ids("cuda"), Ids("cuda:3"));
        Assert.NotEqual(Ids("cuda"), Ids("cpu"));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Whatever_can_change_the_answer_changes_every_id(string what, Func<TournamentSpec, TournamentSpec> change)
    {
        var spec = Some.Spec() with { Seeds = [1] };

        var (before, after) = (TournamentPlan.From(spec), TournamentPlan.From(change(spec)));

        Assert.False(before.Phases.Select(p => p.Id).Intersect(after.Phases.Select(p => p.Id)).Any(), what);
    }

    [Fact]
    public void An_attack_budget_changes_attacks_only()
    {
        var spec = Some.Spec();
        var (before, after) = (TournamentPlan.From(spec), TournamentPlan.From(spec with { AttackLimits = spec.AttackLimits with { Steps = 64 } }));

        var kept = before.Phases.Select(p => p.Id).Intersect(after.Phases.Select(p => p.Id)).ToHashSet();

        Assert.All(before.Phases, p => Assert.Equal(p.Kind != PhaseKind.Attack, kept.Contains(p.Id)));
    }

    [Fact]
    public void Thresholds_and_names_judge_but_do_not_change_results()
    {
        var spec = Some.Spec();
        var renamed = spec with { Name = "other", Thresholds = new Thresholds { HarmThreshold = 0.5 } };

        Assert.Equal(TournamentPlan.From(spec).Phases.Select(p => p.Id), TournamentPlan.From(renamed).Phases.Select(p => p.Id));
    }

    [Fact]
    public void Every_defense_meets_an_attack_with_the_same_random_seed()
    {
        var plan = TournamentPlan.From(Some.Spec("vaccine", "repnoise"));

        foreach (var group in plan.Phases.Where(p => p.Kind != PhaseKind.Defend).GroupBy(p => (p.Kind, p.Attack?.Id, p.Exposure, p.Seed)))
            Assert.Single(group.Select(p => p.RandomSeed).Distinct());
        Assert.Equal(plan.Phases.Count(p => p.Kind == PhaseKind.Defend),
            plan.Phases.Where(p => p.Kind == PhaseKind.Defend).Select(p => p.RandomSeed).Distinct().Count());
    }

    [Theory]
    [InlineData(1, new[] { 0, 1 })]
    [InlineData(8, new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8 })]
    [InlineData(20, new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 20 })]
    [InlineData(60, new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 41, 51, 60 })]
    public void The_grid_has_every_step_at_first_and_ends_at_the_budget(int steps, int[] expected) =>
        Assert.Equal(expected, EvaluationGrid.Steps(steps));

    [Theory]
    [InlineData(150)]
    [InlineData(10_000)]
    public void Neighbours_of_the_grid_differ_by_one_step_or_by_a_quarter_at_most(int steps)
    {
        var grid = EvaluationGrid.Steps(steps);

        Assert.All(grid.Zip(grid.Skip(1)),
            pair => Assert.True(pair.Second == pair.First + 1 || pair.Second <= 1.25 * pair.First, $"{pair.First} to {pair.Second}"));
        Assert.Equal(grid.Distinct().Order(), grid);
    }

    [Fact]
    public void A_defended_model_meets_several_attacks_and_the_first_has_the_id_that_it_always_had()
    {
        var (one, three) = (TournamentPlan.From(Some.Spec("vaccine")), TournamentPlan.From(Some.Spec("vaccine") with { AttackSeeds = 3 }));

        Assert.Equal(3 * one.Cells.Count, three.Cells.Count);
        Assert.Equal(one.Phases.Select(p => p.Id), three.Phases.Where(p => p.AttackSeed == 1).Select(p => p.Id));
        Assert.Equal(three.Phases.Count, three.Phases.Select(p => p.Id).Distinct().Count());
        foreach (var met in three.Phases.Where(p => p.Kind == PhaseKind.Attack).GroupBy(p => (p.DefendPhaseId, p.Attack!.Id, p.Exposure)))
            Assert.Equal(3, met.Select(p => p.RandomSeed).Distinct().Count());
        // As before tournaments had attack seeds.
        Assert.Equal("85fbc107a979cece",
            one.Phases.First(p => p is { Kind: PhaseKind.Attack, Defense.Id: "vaccine", Exposure: Exposure.InDomain }).Id);
    }

    [Fact]
    public void What_is_played_after_an_attack_is_part_of_its_identity()
    {
        TournamentPlan Plan(Entrant? then) => TournamentPlan.From(Some.Spec("vaccine") with
        {
            Attacks = [Some.Attack("finetune") with { Id = then is null ? "finetune" : "finetune -> " + then.Id, Then = then }],
        });
        string[] Ids(TournamentPlan plan) => [.. plan.Phases.Where(p => p.Kind == PhaseKind.Attack).Select(p => p.Id)];
        var (prune, option) = (Some.Attack("prune"), Some.Attack("prune") with { Options = Some.Options("sparsity", "0.5") });

        string[][] all = [Ids(Plan(null)), Ids(Plan(prune)), Ids(Plan(option)), Ids(Plan(prune with { ContentHash = "other" }))];

        Assert.Equal(all.Sum(ids => ids.Length), all.SelectMany(ids => ids).Distinct().Count());
        Assert.Equal(("finetune", "prune"), (Plan(prune).Phases.First(p => p.Kind == PhaseKind.Attack).Attack!.PluginId, prune.PluginId));
    }
}
