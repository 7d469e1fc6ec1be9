using Titer.Scenarios.Judges;

namespace Titer.Scenarios.Tests.Judges;

/// <summary>The options of a judge that scores, and what becomes of answers that it cannot read.</summary>
public sealed class JudgePanelTests
{
    [Fact]
    public void A_panel_is_read_from_numbered_options()
    {
        var panel = JudgePanel.Of(new Dictionary<string, string>
        {
            ["judge"] = "llama-guard-3", ["path"] = "/a", ["judge_2"] = "wildguard", ["path_2"] = "/b", ["template_2"] = "/t", ["panel"] = "all",
            ["score"] = "verdict", ["most_unread"] = "0.25",
        });

        Assert.Equal(["llama-guard-3", "wildguard"], panel.Judges.Select(j => j.Profile.Name));
        Assert.Equal(["/a", "/b", "/t"], JudgePanel.PathsOf(new MetricChoice("model_judge", new Dictionary<string, string>
            { ["judge"] = "wildguard", ["path"] = "/a", ["path_2"] = "/b", ["template_2"] = "/t" })));
        Assert.Equal((PanelRule.All, true, 0.25), (panel.Rule, panel.IsVerdict, panel.MostUnread));
        Assert.Empty(JudgePanel.Of(JudgePanel.Identity(new Dictionary<string, string>
            { ["judge"] = "wildguard", ["path"] = "/b", ["template"] = "/t", ["sha256"] = new('a', 64) })).Judges);
    }

    [Theory]
    [InlineData("judge=wildguard", "TITER552", "needs judge and path together")]
    [InlineData("path=/a", "TITER552", "needs judge and path together")]
    [InlineData("score=verdict", "TITER552", "needs a judge")]
    [InlineData("judge=wildgard path=/a", "TITER580", "Did you mean 'wildguard'?")]
    [InlineData("judge=wildguard path=/a panel=most", "TITER552", "mean or all")]
    [InlineData("judge=wildguard path=/a most_unread=1", "TITER552", "below 1")]
    [InlineData("judge=wildguard path=/a sha256=1", "TITER552", "64 lower-case")]
    [InlineData("judge=wildguard path=/a temperature=1", "TITER552", "has no option 'temperature'")]
    public void Options_that_name_no_judge_are_refused(string options, string code, string fact)
    {
        var given = options.Split(' ').Select(o => o.Split('=')).ToDictionary(o => o[0], o => o[1]);
        var e = Assert.Throws<ScenarioException>(() => JudgePanel.Of(given));
        Assert.Equal(code, e.Code);
        Assert.Contains(fact, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_was_not_read_leaves_the_mean_of_its_domain_as_it_is()
    {
        double[] scores = [0.2, double.NaN, 0.6, 1, 0];
        Assert.Equal(1, UnreadAnswers.Fill(scores, ["a", "a", "a", "b", "b"], 0.4));
        Assert.Equal([0.2, 0.4, 0.6, 1, 0], scores, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void A_domain_with_too_many_answers_that_were_not_read_is_not_measured()
    {
        double[] scores = [0.2, double.NaN, 0.6, 1, 0];
        var e = Assert.Throws<UnreadAnswersException>(() => UnreadAnswers.Fill(scores, ["a", "a", "b", "b", "b"], 0.4));
        Assert.Equal("TITER586", e.Code);
        Assert.Contains("1 of 2 answers of the domain 'a'", e.Message, StringComparison.Ordinal);
    }
}
