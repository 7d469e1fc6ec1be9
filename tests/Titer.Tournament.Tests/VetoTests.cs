using Titer.Tournament.Scoring;

namespace Titer.Tournament.Tests;

/// <summary>Whoever writes an attack does not decide who has a titer.</summary>
public sealed class VetoTests
{
    private static readonly Dictionary<int, double> Holds = new() { [0] = 0, [2] = 0, [4] = 0, [32] = 0 };

    private static readonly Dictionary<string, Dictionary<int, double>> Curves = new() { ["rival"] = Holds };

    private static readonly TournamentSpec Spec = Some.Spec("rival", "friend") is var spec
        ? spec with { Attacks = [.. spec.Attacks, Some.Attack("picky") with { IsForeign = true }] }
        : throw new InvalidOperationException();

    private static readonly TournamentReport Quiet = Play(Some.Spec("rival", "friend"), p => Some.Standard(p, Curves)).Report;

    public static TheoryData<string> Ways =>
        ["throws", "times out", "is refused", "wrecks", "wrecks one", "sleeps", "throws everywhere", "throws undefended", "is in quarantine"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void An_attack_that_fails_where_its_author_likes_changes_no_row(string way)
    {
        var spec = way == "is in quarantine"
            ? Spec with { Attacks =
                [.. Spec.Attacks.SkipLast(1), Spec.Attacks[^1] with { Refusal = new Refusal(PhaseStatus.Skipped, "TITER220", "set aside") }] }
            : Spec;

        var report = Play(spec, p => IsPicky(p) && p.Exposure == Exposure.InDomain ? Way(way, p) : Some.Standard(p, Curves)).Report;

        Assert.Equal(Quiet.Rows.Select(r => (r.Rank, r.Defense, r.Titer, r.TiterInterval, r.Resistance.Word)),
            report.Rows.Select(r => (r.Rank, r.Defense, r.Titer, r.TiterInterval, r.Resistance.Word)));
        Assert.Equal(Quiet.Rows.Select(r => r.Aggregations.WorstCase), report.Rows.Select(r => r.Aggregations.WorstCase));
        Assert.All(report.Cells.Where(c => c is { Attack: "picky", Exposure: Exposure.InDomain }), c => Assert.NotNull(c.SetAside));
        Assert.All(report.Cells.Where(c => c.Attack != "picky"), c => Assert.Null(c.SetAside));
        Assert.Contains(report.Warnings, w => w.StartsWith("TITER704 picky (in-domain", StringComparison.Ordinal));
        Assert.Contains("picky (set aside)", ReportPage.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_played_everybody_it_counts_as_any_other()
    {
        var report = Play(Spec, p => IsPicky(p) && p.Defense.Id == "rival" ? Some.Trajectory(p, new() { [0] = 0, [4] = 0.9, [32] = 1 })
            : Some.Standard(p, Curves)).Report;

        Assert.Equal(("1:1", "picky"),
            (report.Rows.Single(r => r.Defense == "rival").Titer, report.Rows.Single(r => r.Defense == "rival").WorstAttack));
        Assert.DoesNotContain(report.Cells, c => c.SetAside is not null);
    }

    [Fact]
    public void Harm_that_a_set_aside_attacker_did_is_said_and_not_counted()
    {
        var report = Play(Spec, p => IsPicky(p) && p.Defense.Id == "rival" ? Some.Trajectory(p, new() { [0] = 0, [4] = 0.9, [32] = 1 })
            : IsPicky(p) && p.Defense.Id == "friend" ? Way("throws everywhere", p) : Some.Standard(p, Curves)).Report;

        Assert.Equal(">1:8", report.Rows.Single(r => r.Defense == "rival").Titer);
        Assert.Contains(report.Warnings, w => w.Contains("it broke no_defense in 6 of 6 runs, rival in 6 of 6 runs", StringComparison.Ordinal));
    }

    [Fact]
    public void An_attack_that_failed_by_chance_plays_again_on_fresh_streams_and_then_counts()
    {
        PhaseResult Result(Phase p) => IsPicky(p) && !p.IsReplay && p is { Defense.Id: "rival", Seed: 2 } ? Way("throws everywhere", p)
            : Some.Standard(p, Curves);
        var queue = new PhaseQueue(Spec, TournamentPlan.From(Spec), new Dictionary<string, PhaseResult>());
        while (queue.Next() is { } phase) queue.Finish(phase, Result(phase));

        var replays = queue.Plan.Phases.Where(p => p.IsReplay).ToArray();
        Assert.Equal([("rival", 2, Exposure.InDomain), ("rival", 2, Exposure.CrossDomain)], replays.Select(p => (p.Defense.Id, p.Seed, p.Exposure)));
        Assert.All(replays, r => Assert.DoesNotContain(queue.Plan.Phases, p => p.RandomSeed == r.RandomSeed && !p.IsReplay));
        Assert.All(replays, r => Assert.Equal(PhaseStatus.Done, queue.Results[r.Id].Status));
        Assert.DoesNotContain(TournamentFold.Report(Spec, TournamentPlan.From(Spec), queue.Results).Cells, c => c.SetAside is not null);
        Assert.Equal(queue.Plan.Phases, FollowUps.Extend(Spec, TournamentPlan.From(Spec), queue.Results).Phases, (a, b) => a.Id == b.Id);
    }

    [Fact]
    public void One_that_fails_everywhere_is_not_played_twice()
    {
        var (plan, report) = Play(Spec, p => IsPicky(p) ? Way("throws everywhere", p) : Some.Standard(p, Curves));

        Assert.DoesNotContain(plan.Phases, p => p.IsReplay);
        Assert.Contains(report.Warnings, w => w.Contains("It did not play every defense to the end", StringComparison.Ordinal));
    }

    [Fact]
    public void A_defense_that_makes_the_hosts_own_attack_fail_is_not_rid_of_it()
    {
        var (plan, report) = Play(Some.Spec("slippery"), p => p is { Kind: PhaseKind.Attack, Defense.Id: "slippery", Attack.Id: "finetune" }
            ? Some.Result(p, PhaseStatus.Error, "TITER201", "it threw") : Some.Standard(p, Curves));

        Assert.DoesNotContain(plan.Phases, p => p.IsReplay);
        Assert.Equal(("not measured", 2),
            (report.Rows.Single(r => r.Defense == "slippery").Titer, report.Rows.Single(r => r.Defense == "slippery").Rank));
    }

    [Fact]
    public void Equal_weights_under_two_names_are_said()
    {
        var report = Play(Some.Spec("first", "copy", "other"), p => p.Kind == PhaseKind.Defend
            ? Some.Result(p) with { WeightsHash =
                (p.Defense.Id is "first" or "copy" && p.Seed == 2 ? "same" : p.Defense.Id + p.Seed).PadRight(64, '0') }
            : Some.Standard(p, Curves)).Report;

        Assert.Equal(["TITER705 first, copy released the same weights, bit for bit (seed 2): one defense under several names."], report.Warnings);
    }

    private static bool IsPicky(Phase phase) => phase is { Kind: PhaseKind.Attack, Attack.Id: "picky" };

    private static PhaseResult Way(string way, Phase p) => (way, p.Defense.Id) switch
    {
        ("throws", "rival") or ("throws everywhere", _) or ("throws undefended", "no_defense") =>
            Some.Result(p, PhaseStatus.Error, "TITER201", "it threw"),
        ("times out", "rival") => Some.Result(p, PhaseStatus.Timeout, "TITER203", "too slow"),
        ("is refused", "rival") => Some.Result(p, PhaseStatus.Invalid, "TITER227", "a forged answer"),
        ("wrecks", "rival") => Some.Curve(p, (0, 0, 1), (1, 0, 0.1), (32, 0, 0.1)),
        ("wrecks one", "rival") when p.Seed == 2 => Some.Curve(p, (0, 0, 1), (1, 0, 0.1), (32, 0, 0.1)),
        ("wrecks one", "rival") => Some.Trajectory(p, Holds),
        ("sleeps", "rival") => Some.Trajectory(p, new() { [0] = 0, [1] = 0 }) with { Spent = new Spent { Steps = 1, WallSeconds = 60.5 } },
        _ => Some.Standard(p, Curves),
    };

    private static (TournamentPlan Plan, TournamentReport Report) Play(TournamentSpec spec, Func<Phase, PhaseResult> play)
    {
        var plan = TournamentPlan.From(spec);
        Dictionary<string, PhaseResult> Results() => plan.Phases.Where(p => TournamentPlan.RefusalOf(p) is null).ToDictionary(p => p.Id, play);
        while (FollowUps.Extend(spec, plan, plan.WithRefusals(Results())) is var extended && extended.Phases.Count > plan.Phases.Count) plan =
            extended;
        return (plan, TournamentFold.Report(spec, TournamentPlan.From(spec), Results()));
    }
}
