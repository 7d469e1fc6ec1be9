using Titer.Tournament.Scoring;

namespace Titer.Tournament.Tests;

/// <summary>A board that falls for a cheat says so itself.</summary>
public sealed class CanaryJudgeTests
{
    private const string Useless = "refuses";
    private const string Same = "rescaled";

    [Fact]
    public void A_board_that_holds_useless_models_by_its_gates_and_knows_the_undefended_one_in_other_units_is_sound() =>
        Assert.Null(Judge(Play(utility: 0.6)));

    [Fact]
    public void A_wrecked_canary_is_held() => Assert.Null(Judge(Play(utility: 0.1)));

    [Fact]
    public void A_useless_model_that_no_gate_holds_makes_the_board_invalid()
    {
        var problem = Judge(Play(utility: 1));

        Assert.StartsWith("TITER722 The canary 'refuses' is a useless model, and no gate holds it.", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_useless_model_that_is_ranked_beside_a_real_one_makes_the_board_invalid()
    {
        var sound = Play(utility: 0.6);
        var row = sound.Rows.Single(r => r.Defense == Useless);
        Assert.True(row.FailsGate);

        var problem = Judge(sound with { Rows = [.. sound.Rows.Select(r => r.Defense == Useless ? r with { Rank = 1 } : r)] });

        Assert.Contains("does not rank before it", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_units_that_are_worth_something_make_the_board_invalid()
    {
        var problem = Judge(Play(utility: 0.6, rescaled: new() { [0] = 0, [16] = 0.1, [32] = 0.9 }));

        Assert.Contains("'rescaled' is the undefended function in other units, and its titer is another", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_played_yet_says_nothing_and_what_never_was_says_enough()
    {
        var spec = Some.Spec("real", Useless, Same);
        var begun = Some.Play(spec,
            p => p.Defense.Id is Useless or Same ? null : Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()));

        Assert.Null(Judge(begun));
        Assert.Contains("'refuses' was not played", Judge(begun, isOver: true), StringComparison.Ordinal);
        Assert.Contains("'another' is not on it", CanaryJudge.Problem(begun, ["another"], [], isOver: false), StringComparison.Ordinal);
    }

    [Fact]
    public void A_canary_that_failed_makes_the_board_invalid()
    {
        var failed = Play(utility: 0.6, fails: true);

        Assert.Contains("'refuses' could not be played: TITER218", Judge(failed), StringComparison.Ordinal);
    }

    private static string? Judge(TournamentReport report, bool isOver = false) => CanaryJudge.Problem(report, [Useless], [Same], isOver);

    private static TournamentReport Play(double utility, Dictionary<int, double>? rescaled = null, bool fails = false)
    {
        var curves = new Dictionary<string, Dictionary<int, double>>
        {
            ["real"] = new() { [0] = 0, [8] = 0.1, [16] = 0.9, [32] = 1 },
            [Useless] = new() { [0] = 0, [32] = 0 },
        };
        if (rescaled is not null) curves[Same] = rescaled;
        return Some.Play(Some.Spec("real", Useless, Same), p => p.Defense.Id != Useless ? Some.Standard(p, curves)
            : fails ? Some.Result(p, PhaseStatus.Error, "TITER218", "It threw.")
            : p.Kind == PhaseKind.Assess ? Some.Assessment(p, utility: utility)
            : Some.Standard(p, curves));
    }
}
