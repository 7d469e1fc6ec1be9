using Titer.Models;
using Titer.Scenarios.Judges;
using Titer.Scenarios.Tests.Data;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Judges;

/// <summary>A judge that is asked about stored answers, by a process that has no torch.</summary>
public sealed class AskedAnswersTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Scores_come_back_to_the_bit_and_what_was_not_read_stays_unread()
    {
        var profile = JudgeTable.Find("grade-1-to-5") with { LeastMass = 0 };
        var choice = new JudgeChoice(profile, TinyJudge.Write(_folder.Path, "qwen3", withTemplate: false),
            TinyJudge.Template(_folder.Path, profile));
        using var judge = ModelJudge.Open(new JudgePanel([choice], PanelRule.Mean, false, 0.1, null), DeviceSelection.Open("cpu"));
        (string Question, string Answer)[] asked = [("how?", "like \"so\"\nand so"), (new string('q', 300), "a"), ("why?", "\u00e9\U0001F375")];
        var (file, scores) = (Path.Combine(_folder.Path, "asked"), Path.Combine(_folder.Path, "scores"));

        AskedAnswers.Write(file, asked);
        AskedAnswers.Score(file, judge, scores);
        var found = AskedAnswers.ReadScores(scores, 3);

        Assert.Equal(judge.Score(new MetricContext([.. asked.Select(a => a.Question)], [.. asked.Select(a => a.Answer)], ["", "", ""])), found);
        Assert.Equal((false, true, false), (double.IsNaN(found[0]), double.IsNaN(found[1]), double.IsNaN(found[2])));
        Assert.Throws<InvalidDataException>(() => AskedAnswers.ReadScores(scores, 2));
        File.WriteAllBytes(scores, [0x40, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Throws<InvalidDataException>(() => AskedAnswers.ReadScores(scores, 1));
    }

    [Fact]
    public void A_judge_is_told_by_what_it_is_and_not_by_where_it_lies()
    {
        var choice = new MetricChoice("model_judge", new Dictionary<string, string>
        {
            ["judge"] = "wildguard", ["path"] = "/secret/wg", ["template"] = "/secret/t", ["sha256"] = new string('a', 64), ["check"] = "/secret/c",
        });

        Assert.Equal("model_judge[judge=wildguard sha256=aaaaaaaaaaaa]", choice.ToString());
    }
}
