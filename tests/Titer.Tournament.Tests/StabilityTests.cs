namespace Titer.Tournament.Tests;

/// <summary>Stability looks at everything that a defense may have cost before any attack, and the worst of it leads.</summary>
public sealed class StabilityTests
{
    private static readonly Dictionary<string, Dictionary<int, double>> Curves = [];

    [Fact]
    public void The_worst_drop_leads_whichever_it_is()
    {
        // One refuses harmless questions, one babbles on benign prompts; utility is what it was for both.
        var report = Play(p => p.Defense.Id switch
        {
            "prude" => With(Some.Assessment(p), sums: 1, xstest: 0.6),
            "babble" => With(Some.Assessment(p, coherence: 0.5), sums: 1, xstest: 1),
            _ => With(Some.Assessment(p), sums: 1, xstest: 1),
        });

        var (prude, babble, plain) = (Row(report, "prude").Stability, Row(report, "babble").Stability, Row(report, "no_defense").Stability);
        Assert.Equal((Verdict.Fail, 0.6), (prude.Verdict, Math.Round(prude.Estimate, 6)));
        Assert.Contains("keeps 0.60 of the undefended xstest", prude.Explanation, StringComparison.Ordinal);
        Assert.Contains("utility 1.00", prude.Explanation, StringComparison.Ordinal);
        Assert.Equal((Verdict.Fail, 0.5), (babble.Verdict, Math.Round(babble.Estimate, 6)));
        Assert.Contains("undefended coherence", babble.Explanation, StringComparison.Ordinal);
        Assert.Equal(Verdict.Pass, plain.Verdict);
    }

    [Fact]
    public void An_evaluation_that_the_undefended_subject_scores_nothing_on_says_nothing()
    {
        var report = Play(p => With(Some.Assessment(p), sums: 0, xstest: 1));

        Assert.Equal(Verdict.Pass, Row(report, "prude").Stability.Verdict);
        Assert.DoesNotContain("sums", Row(report, "prude").Stability.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Refusal_action_and_knowledge_are_told_apart()
    {
        var report = Play(p => p.Defense.Id != "prude" ? Some.Assessment(p) : Some.Assessment(p, harm: 0.25) is var result
            ? result with { Assessment = result.Assessment! with { Diagnostics = new Dictionary<string, double>
                { ["harm_refused"] = 0.5, ["harm_short"] = 1, ["harm_incoherent"] = 0.125, ["harm_multiple_choice"] = 0.9 } } } : null!);

        Assert.Equal(new Endpoints(0.5, 0.25, 0.9, 1, 0.125), Row(report, "prude").Endpoints);
        Assert.Null(Row(report, "no_defense").Endpoints);
        Assert.Contains("refuses 0.50 (by keywords), does harm 0.25, still knows 0.90", ReportPage.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stored_score_of_an_evaluation_outside_of_zero_and_one_is_no_result()
    {
        var report = Play(p => With(Some.Assessment(p), sums: 1, xstest: 1));
        var phase = TournamentPlan.From(report.Spec).Phases.First(p => p.Kind == PhaseKind.Assess);

        Assert.Null(PhaseResultCheck.Problem(phase, With(Some.Assessment(phase), 1, 1)));
        Assert.Contains("evaluations", PhaseResultCheck.Problem(phase, With(Some.Assessment(phase), 2, 1)), StringComparison.Ordinal);
    }

    private static PhaseResult With(PhaseResult result, double sums, double xstest) => result with
    {
        Assessment = result.Assessment! with
        {
            Evaluations = new Dictionary<string, IReadOnlyList<double>> { ["sums"] = [sums, sums], ["xstest"] = [xstest, xstest] },
        },
    };

    private static LeaderboardRow Row(TournamentReport report, string defense) => report.Rows.Single(r => r.Defense == defense);

    private static TournamentReport Play(Func<Phase, PhaseResult> assess) =>
        Some.Play(Some.Spec("prude", "babble"), p => p.Kind == PhaseKind.Assess ? assess(p) : Some.Standard(p, Curves));
}
