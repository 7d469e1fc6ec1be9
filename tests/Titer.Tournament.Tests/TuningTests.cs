using System.Collections.Immutable;
using System.Globalization;
using Titer.Tournament.Scoring;
using Titer.Tournament.Tuning;

namespace Titer.Tournament.Tests;

/// <summary>The search of a defense's options, on a made-up defense whose best setting is known.</summary>
public sealed class TuningTests
{
    private static readonly SearchDimension Rate = new("learning_rate", "0.001") { From = "0.0001", To = "0.01" };
    private static readonly SearchDimension Norm = new("norm", "l2") { Values = ["l1", "l2"] };
    private static readonly DefenseTuning Tuning = new("made_up", [Rate, Norm], 24, [new TuningGuard(TuningGuard.Utility, 0.9)]);

    [Fact]
    public void The_published_setting_is_the_first_and_no_setting_is_played_twice()
    {
        var tries = Search(Tuning);

        Assert.Empty(tries[0].Options);
        Assert.Equal(24, tries.Count);
        Assert.Equal(tries.Count, tries.Select(t => string.Join(' ', t.Options)).Distinct().Count());
    }

    [Fact]
    public void The_search_comes_near_the_best_setting_that_keeps_its_guard()
    {
        var best = DefenseTuning.Best(Search(Tuning))!;

        // Above 0.004 the utility is gone; held steps rise up to there, and l1 holds twice as long.
        Assert.True(best.IsSound);
        Assert.Equal("l1", best.Options["norm"]);
        Assert.InRange(Value(best.Options), 0.0025, 0.004);
    }

    [Fact]
    public void A_search_that_is_resumed_is_the_same_search()
    {
        var whole = Search(Tuning);

        Assert.Equal(Options(whole), Options(Search(Tuning, [.. whole.Take(9)])));
    }

    [Fact]
    public void Nothing_that_misses_a_guard_is_sound_however_long_it_holds()
    {
        TuningTry kept = Scored(1, 2, utility: 0.95), ruined = Scored(2, 1_000, utility: 0.2);

        Assert.Equal(kept, DefenseTuning.Best([ruined, kept]));
        Assert.False(ruined.IsSound);
        // Without any that keeps it, the search goes on where it is missed least.
        var close = Scored(3, 1, utility: 0.8);
        Assert.Equal(close, DefenseTuning.Best([ruined, close]));
        Assert.False(close.IsSound);
    }

    [Fact]
    public void What_could_not_be_scored_is_never_the_best()
    {
        Assert.Null(DefenseTuning.Best([Scored(1, 5, 1) with { Failure = "TITER203 too long" }]));
        Assert.Null(Tuning.Next([Scored(1, 5, 1) with { Failure = "TITER203 too long" }]));
    }

    [Fact]
    public void A_small_space_runs_out_before_the_tries_do()
    {
        var tries = Search(Tuning with { Space = [Norm] });

        Assert.Equal(2, tries.Count);
        Assert.Equal("l1", DefenseTuning.Best(tries)!.Options["norm"]);
    }

    [Fact]
    public void A_setting_is_scored_by_the_cell_that_fell_first_and_by_what_it_kept()
    {
        var report =
            Report(Cell("finetune", Exposure.InDomain, 30), Cell("finetune", Exposure.CrossDomain, 7), Cell("lora", Exposure.InDomain, null));
        var tried = TuningTry.Of(Tuning, report, Some.Defense("made_up"), 1);

        Assert.Equal(7, tried.HeldSteps, 1e-9);
        Assert.Equal("finetune (cross-domain)", tried.WorstCell);
        Assert.Equal(0.97, Assert.Single(tried.Guards).Value);
        // Of the two worst: sqrt(8 * 31) - 1.
        Assert.Equal(Math.Sqrt(248) - 1, TuningTry.Of(Tuning with { WorstCells = 2 }, report, Some.Defense("made_up"), 1).HeldSteps, 1e-9);
    }

    [Fact]
    public void A_cell_that_was_not_measured_leaves_the_setting_without_a_score()
    {
        var report = Report(Cell("finetune", Exposure.InDomain, 30), Cell("lora", Exposure.InDomain, 3) with
        {
            Status = CellStatus.Timeout, Code = "TITER203", Reason = "It took too long.",
        });

        Assert.Equal("lora (in-domain): TITER203 It took too long.", TuningTry.Of(Tuning, report, Some.Defense("made_up"), 1).Failure);
        Assert.Equal("It met no attacker.", TuningTry.Of(Tuning, Report(), Some.Defense("made_up"), 1).Failure);
    }

    private static List<TuningTry> Search(DefenseTuning tuning, params TuningTry[] before)
    {
        List<TuningTry> tries = [.. before];
        while (tuning.Next(tries) is { } options)
        {
            var (rate, factor) = (Value(options), options.GetValueOrDefault("norm") == "l1" ? 2 : 1);
            tries.Add(Scored(tries.Count + 1, 1000 * rate * factor, rate > 0.004 ? 0.1 : 1) with { Options = options });
        }

        return tries;
    }

    private static double Value(ImmutableSortedDictionary<string, string> options) =>
        double.Parse(options.GetValueOrDefault("learning_rate", Rate.Start), CultureInfo.InvariantCulture);

    private static string[] Options(IEnumerable<TuningTry> tries) =>
        [.. tries.Select(t => string.Join(' ', t.Options.Select(o => $"{o.Key}={o.Value}")))];

    private static TuningTry Scored(int number, double held, double utility) =>
        new(number, "made_up", ImmutableSortedDictionary<string, string>.Empty)
        {
            HeldSteps = held, Harm = 0.5, Guards = [new TuningReading(TuningGuard.Utility, 0.9, utility)],
        };

    private static TournamentReport Report(params CellOutcome[] cells)
    {
        ConditionReport kept = new(Verdict.Pass, 0.97, 0.95, 0.99, 0.05, "", []);
        var spec = Some.Spec("made_up");
        var report = TournamentFold.Report(spec, TournamentPlan.From(spec), new Dictionary<string, PhaseResult>());
        return report with
        {
            Cells = cells,
            Rows = [.. report.Rows.Select(r => r with { Status = CellStatus.Done, Stability = kept, Trainability = kept })],
        };
    }

    private static CellOutcome Cell(string attack, Exposure exposure, double? cost) => new()
    {
        Defense = "made_up", Attack = attack, Exposure = exposure, Status = CellStatus.Done, MaxHarm = 0.4, IsCensored = cost is null,
        CostToBreakSteps = cost ?? double.NaN, CensoredAtSteps = cost is null ? 32 : double.NaN, BudgetSteps = 32,
    };
}
