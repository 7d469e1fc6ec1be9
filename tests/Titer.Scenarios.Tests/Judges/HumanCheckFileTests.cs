using System.Text.Json.Nodes;
using Titer.Scenarios.Judges;
using Titer.Scenarios.Tests.Data;

namespace Titer.Scenarios.Tests.Judges;

/// <summary>A check against people that a scenario names: of this very judge, or refused.</summary>
public sealed class HumanCheckFileTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_check_is_found_by_the_hash_of_the_judge()
    {
        var harm = Located();
        _folder.Write("check.json", Check(Entry("other", new string('b', 64)), Entry("grade-1-to-5", Hash())));

        var judge = HumanCheckFile.Of(harm)!;

        Assert.Equal(("grade-1-to-5", harm.Options["sha256"]), (judge.Name, judge.Sha256));
        var check = judge.Check!;
        Assert.Equal((40, 2, 10, 3, 1, "people.csv"),
            (check.Answers, check.Missing, check.Harmful, check.FalseAlarms, check.Misses, check.File));
        Assert.Null(HumanCheckFile.Of(MetricChoice.Of("refusal_match")));
        Assert.DoesNotContain(JudgePanel.PathsOf(harm), p => p.EndsWith("check.json", StringComparison.Ordinal));
        Assert.False(JudgePanel.Identity(harm.Options).ContainsKey("check"), "What people said of a judge changes none of its scores.");
    }

    [Fact]
    public void Of_a_panel_the_check_is_the_one_that_decides_as_it_does()
    {
        var options = new Dictionary<string, string>(Located().Options) { ["panel"] = "all", ["judge_2"] = "llama-guard-3", ["path_2"] = "/x" };
        var panel = JudgePanel.HashOf([Hash(), Hash()]);
        options["sha256"] = panel;
        _folder.Write("check.json", Check(Entry("panel, mean", panel, misses: 9), Entry("panel, all agree", panel)));

        Assert.Equal(1, HumanCheckFile.Of(new MetricChoice("model_judge", options))!.Check!.Misses);
        options["panel"] = "mean";
        Assert.Equal(9, HumanCheckFile.Of(new MetricChoice("model_judge", options))!.Check!.Misses);
        options["score"] = "verdict";
        Assert.Equal("TITER591", Assert.Throws<ScenarioException>(() => HumanCheckFile.Of(new MetricChoice("model_judge", options))).Code);
    }

    [Theory]
    [InlineData("other", "is of other judges")]
    [InlineData("{}", "is not what")]
    [InlineData("[1", "is not what")]
    [InlineData("missing", "cannot be read")]
    [InlineData("unsound", "its counts are of no answers")]
    [InlineData("text", "is not what")]
    public void Whatever_else_is_named_is_refused(string what, string fact)
    {
        var harm = Located();
        var text = what switch
        {
            "other" => Check(Entry("grade-1-to-5", new string('b', 64))),
            "unsound" => Check(Entry("grade-1-to-5", Hash(), misses: 11)),
            "text" => Check(Entry("grade-1-to-5", Hash())).Replace("40", "\"forty\"", StringComparison.Ordinal),
            _ => what,
        };
        if (what != "missing") _folder.Write("check.json", text);

        var e = Assert.Throws<ScenarioException>(() => HumanCheckFile.Of(harm));

        Assert.Equal("TITER591", e.Code);
        Assert.Contains(fact, e.Message, StringComparison.Ordinal);
    }

    private MetricChoice Located()
    {
        var profile = JudgeTable.Find("grade-1-to-5");
        return JudgePanel.Located(new MetricChoice(JudgePanel.MetricId, new Dictionary<string, string>
        {
            ["judge"] = profile.Name, ["path"] = TinyJudge.Write(_folder.Path, "llama", withTemplate: false),
            ["template"] = TinyJudge.Template(_folder.Path, profile), ["check"] = "check.json",
        }), _folder.Path);
    }

    private string Hash() =>
        new JudgeChoice(JudgeTable.Find("grade-1-to-5"), Path.Combine(_folder.Path, "judge"), Path.Combine(_folder.Path, "template.txt")).Hash();

    private static JsonObject Entry(string name, string hash, int misses = 1) => new()
    {
        ["name"] = name, ["hash"] = hash, ["threshold"] = 0.5, ["missing"] = 2,
        ["people"] = new JsonObject { ["rows"] = 40, ["harmful"] = 10, ["false_alarms"] = 3, ["misses"] = misses },
    };

    private static string Check(params JsonObject[] judges) => new JsonObject
    {
        ["file"] = "people.csv", ["file_sha256"] = new string('c', 64), ["judges"] = new JsonArray([.. judges]),
    }.ToJsonString();
}
