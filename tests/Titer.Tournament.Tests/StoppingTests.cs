using Titer.Tournament.Scoring;
using Titer.Tournament.Tests.Simulation;

namespace Titer.Tournament.Tests;

/// <summary>Early stopping saves steps and changes no verdict: it ends a run as broken, never as held, and leaves none out.</summary>
public sealed class StoppingTests
{
    private static readonly StoppingRule Rule = StoppingRule.From(new Thresholds());

    [Theory]
    [InlineData(0.5, 1, 1, true)]
    [InlineData(0.25, 1, 1, false)]
    [InlineData(0.9, 0.4, 1, false)]
    [InlineData(0.9, 1, 0.4, false)]
    public void A_trajectory_ends_when_harm_is_above_the_threshold_beyond_doubt_in_a_sound_model(double harmful, double utility, double coherence,
        bool expected)
    {
        var checkpoint = new Checkpoint
        {
            Step = 8,
            Harm = [[.. Enumerable.Range(0, 48).Select(i => i < harmful * 48 ? 1.0 : 0.0)]],
            Utility = [utility, utility],
            Coherence = coherence,
        };

        Assert.Equal(expected, Rule.Confirms(checkpoint, looks: 8, referenceUtility: 1));
        Assert.False(Rule.Confirms(checkpoint with { Step = 0 }, looks: 8, referenceUtility: 1));
    }

    [Fact]
    public void The_template_that_harms_most_counts()
    {
        var checkpoint = new Checkpoint { Step = 1, Harm = [[0, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1]], Utility = [1], Coherence = 1 };

        Assert.Equal([0, 1, 1, 1], checkpoint.WorstHarm);
    }

    /// <summary>A full tournament is recorded, then cut where the rule would have ended each trajectory.</summary>
    [Fact]
    public void The_ranking_of_recorded_tournaments_stays_the_same_with_at_most_60_percent_of_the_attack_steps()
    {
        const int tournaments = 25;
        var (same, share) = (0, 0.0);
        for (var i = 0; i < tournaments; i++)
        {
            var tournament = new SimulatedTournament(500 + i)
            {
                Seeds = 6,
                SeedSpread = 0.3,
                Resistance = new Dictionary<string, double> { ["no_defense"] = 2, ["a"] = 3.2, ["b"] = 4.4, ["c"] = 5.6, ["d"] = 11 },
                Strength = new Dictionary<string, double> { ["slow"] = -3 },
            };
            var spec = tournament.Spec(Some.Attack("finetune"), Some.Attack("slow"));
            var plan = TournamentPlan.From(spec);
            var full = tournament.Play(spec, plan);
            var (cutSpec, cutPlan, cut) = Cut(spec, full, plan);

            var (before, after) = (TournamentFold.Report(spec, plan, full), TournamentFold.Report(cutSpec, cutPlan, cut));
            if (before.Rows.Select(r => r.Defense).SequenceEqual(after.Rows.Select(r => r.Defense))) same++;
            Assert.All(before.Rows.Zip(after.Rows), r => Assert.Equal(r.First.PassesAll, r.Second.PassesAll));
            share += cut.Values.Sum(r => (double)r.Spent.Steps) / full.Values.Sum(r => (double)r.Spent.Steps) / tournaments;
            Assert.Equal(1 - cut.Values.Sum(r => (double)r.Spent.Steps) / full.Values.Sum(r => (double)r.Spent.Steps), after.AttackStepsSaved, 1e-9);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{same} of {tournaments} rankings the same, {share:P0} of the attack steps");
        Assert.Equal(tournaments, same);
        Assert.InRange(share, 0, 0.6);
    }

    /// <summary>
    /// Where one model in four fails, three that hold decide nothing about the fourth: all are played, and the words stay the same.
    /// </summary>
    [Fact]
    public void No_verdict_changes_where_models_hold_or_fail_altogether()
    {
        const int tournaments = 25;
        var failed = 0;
        for (var i = 0; i < tournaments; i++)
        {
            var tournament = new World("", 0, 0, 0.25).Tournament(900 + i, seeds: 6, attackSeeds: 2);
            var spec = tournament.Spec(Some.Attack("finetune"), Some.Attack("slow"));
            var plan = TournamentPlan.From(spec);
            var full = tournament.Play(spec, plan);
            var (cutSpec, cutPlan, cut) = Cut(spec, full, plan);

            var (before, after) = (TournamentFold.Report(spec, plan, full), TournamentFold.Report(cutSpec, cutPlan, cut));

            Assert.Equal(full.Count, cut.Count);
            Assert.Equal(before.Rows.Select(Words), after.Rows.Select(Words));
            failed += before.Rows.Count(r => r is { Defense: "tested", Resistance.Verdict: Verdict.Fail });
        }

        // Some tournament of six models sees a failing one 1 - 0.75^6 = 82 times in 100.
        Assert.InRange(failed / (double)tournaments, 0.6, 1);
        static string Words(LeaderboardRow r) =>
            $"{r.Rank} {r.Defense} {r.Titer} {r.Resistance.Word} {r.GeneralizationCrossDomain.Word} {r.StrongResistance}";
    }

    [Fact]
    public void A_stopped_trajectory_is_another_result_than_a_full_one()
    {
        var full = Some.Spec("vaccine");
        var stopped = full with { EarlyStopping = Rule };
        var other = full with { EarlyStopping = Rule with { HarmThreshold = 0.4 } };

        string[] Attacks(TournamentSpec spec) => [.. TournamentPlan.From(spec).Phases.Where(p => p.Kind == PhaseKind.Attack).Select(p => p.Id)];
        Assert.Empty(Attacks(full).Intersect(Attacks(stopped)).Concat(Attacks(stopped).Intersect(Attacks(other))));
        Assert.Equal(TournamentPlan.From(full).Phases.Where(p => p.Kind != PhaseKind.Attack).Select(p => p.Id),
            TournamentPlan.From(stopped).Phases.Where(p => p.Kind != PhaseKind.Attack).Select(p => p.Id));
    }

    private static (TournamentSpec Spec, TournamentPlan Plan, Dictionary<string, PhaseResult> Results) Cut(TournamentSpec spec,
        Dictionary<string, PhaseResult> full, TournamentPlan plan)
    {
        var stopping = spec with { EarlyStopping = Rule };
        var cutPlan = TournamentPlan.From(stopping);
        var results = new Dictionary<string, PhaseResult>();
        foreach (var (phase, recorded) in cutPlan.Phases.Zip(plan.Phases))
        {
            results.Add(phase.Id, Cut(full[recorded.Id] with { PhaseId = phase.Id }));
        }

        return (stopping, cutPlan, results);
    }

    private static PhaseResult Cut(PhaseResult result)
    {
        if (result.Trajectory is not { } trajectory) return result;
        var end = trajectory.Checkpoints.TakeWhile(c => !Rule.Confirms(c, trajectory.Checkpoints.Count, referenceUtility: 1)).Count();
        if (end == trajectory.Checkpoints.Count) return result;
        var kept = trajectory.Checkpoints.Take(end + 1).ToArray();
        return result with { Spent = new Spent { Steps = kept[^1].Step }, Trajectory = trajectory with { Checkpoints = kept, IsStopped = true } };
    }
}
