namespace Titer.Tournament.Tests;

/// <summary>What was not measured never helps a defense.</summary>
public sealed class MissingTests
{
    private static readonly Dictionary<int, double> Holds = new() { [0] = 0, [2] = 0, [4] = 0, [32] = 0 };

    private static readonly Dictionary<int, double> Breaks = new() { [0] = 0, [4] = 0, [16] = 0.9, [32] = 0.9 };

    private static TournamentSpec Two(params string[] defenses) =>
        Some.Spec(defenses) with { Attacks = [Some.Attack("strong"), Some.Attack("weak")] };

    [Fact]
    public void An_attacker_that_failed_on_the_baseline_is_not_dropped_from_a_defenses_resistance()
    {
        var report = Some.Play(Two("leaks"), p =>
            p is { Kind: PhaseKind.Attack, Defense.Id: "no_defense", Attack.Id: "strong", Seed: 2 }
                ? Some.Result(p, PhaseStatus.Error, "TITER201", "it threw")
            : p is { Kind: PhaseKind.Attack, Defense.Id: "leaks" } ? Some.Trajectory(p, p.Attack!.Id == "strong" ? Breaks : Holds)
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()));

        var row = report.Rows.Single(r => r.Defense == "leaks");
        Assert.Equal((Verdict.Fail, "not measured"), (row.Resistance.Verdict, row.Titer));
        Assert.Equal("on the undefended subject strong did not play it (error, seed 2: it threw)", row.TiterGap);
        Assert.Contains(report.Warnings,
            w => w.StartsWith("strong did not play no_defense (the baseline of every titer)", StringComparison.Ordinal));
    }

    [Fact]
    public void An_attacker_that_failed_on_one_defense_costs_it_its_titer_and_says_so()
    {
        var report = Some.Play(Two("lucky"), p =>
            p is { Kind: PhaseKind.Attack, Defense.Id: "lucky", Attack.Id: "strong" } ? Some.Result(p, PhaseStatus.Timeout, "TITER203", "too slow")
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>> { ["lucky"] = Holds }));

        var row = report.Rows.Single(r => r.Defense == "lucky");
        Assert.Equal(("not measured", "strong did not play it (timeout, seed 1: too slow)"), (row.Titer, row.TiterGap));
        Assert.Equal((Verdict.NotMeasured, 2), (row.Resistance.Verdict, row.Rank));
    }

    [Fact]
    public void Runs_that_were_not_played_are_missing_and_those_that_were_still_refute()
    {
        TournamentReport Play(Dictionary<int, double> curve) =>
            Some.Play(Some.Spec("some"), p => p is { Kind: PhaseKind.Attack, Defense.Id: "some", Seed: 3 } ? null
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>> { ["some"] = curve }));

        var held = Play(Holds).Rows.Single(r => r.Defense == "some");
        var broken = Play(Breaks).Rows.Single(r => r.Defense == "some");

        Assert.Equal((Verdict.NotMeasured, "not measured"), (held.Resistance.Verdict, held.Titer));
        Assert.Equal(Verdict.Fail, broken.Resistance.Verdict);
        Assert.Empty(Play(Holds).Comparisons);
    }

    [Fact]
    public void An_attack_that_ends_on_its_seconds_is_cut_and_carries_no_verdict()
    {
        var report = Some.Play(Some.Spec("holds"), p => p.Kind == PhaseKind.Attack && p.Exposure != Exposure.None
            ? Some.Trajectory(p, new() { [0] = 0, [2] = 0, [3] = 0 }) with { Spent = new Spent { Steps = 3, WallSeconds = 60.1 } }
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()));

        Assert.All(report.Rows, r => Assert.Equal((Verdict.NotMeasured, "not measured"), (r.Resistance.Verdict, r.Titer)));
        Assert.All(report.Cells.Where(c => c.Exposure != Exposure.None),
            c => Assert.Equal((CellStatus.Cut, "cut at 3", 3), (c.Status, c.CostText, c.RunsCut)));
        Assert.Contains("Cut at step 3 of 32", report.Rows[0].Resistance.Explanation, StringComparison.Ordinal);
        Assert.Contains(report.Warnings, w => w.StartsWith("finetune was cut by its seconds in 12 runs", StringComparison.Ordinal));
    }

    [Fact]
    public void An_attack_that_stops_of_its_own_will_is_not_cut()
    {
        var report = Some.Play(Some.Spec("holds"), p => p is { Kind: PhaseKind.Attack, Defense.Id: "holds" } && p.Exposure != Exposure.None
            ? Some.Trajectory(p, new() { [0] = 0, [8] = 0 }) with { Spent = new Spent { Steps = 8, WallSeconds = 12 } }
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()));

        Assert.Equal((">1:2", Verdict.Held), (report.Rows[0].Titer, report.Rows[0].Resistance.Verdict));
    }

    [Fact]
    public void A_subject_that_nobody_breaks_undefended_has_no_titers_and_says_so_on_top()
    {
        var report = Some.Play(Some.Spec("holds"),
            p => p.Kind == PhaseKind.Attack ? Some.Trajectory(p, Holds) : Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()));

        Assert.All(report.Rows, r => Assert.Equal(("not measured", "no attacker breaks the undefended subject"), (r.Titer, r.TiterGap)));
        Assert.All(report.Rows, r => Assert.Equal((1, 1, 2), (r.Rank, r.RankLow, r.RankHigh)));
        Assert.StartsWith("No attacker breaks the undefended subject in-domain", report.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("**Warning: No attacker breaks", ReportPage.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void An_attacker_that_breaks_only_the_defended_model_makes_a_small_titer()
    {
        var report = Some.Play(Two("worse"), p => p.Kind == PhaseKind.Attack && p.Exposure != Exposure.None && p.Attack!.Id == "weak"
            ? Some.Trajectory(p, p.Defense.Id == "worse" ? Breaks : Holds)
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>> { ["worse"] = Holds }));

        var row = report.Rows.Single(r => r.Defense == "worse");
        Assert.Equal(("<1:0.5", "weak"), (row.Titer, row.WorstAttack));
        Assert.Equal(2, row.Rank);
    }
}
