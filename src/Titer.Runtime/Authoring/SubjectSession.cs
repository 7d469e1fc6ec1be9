using Titer.Files.Codes;
using Titer.Models;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Judges;

namespace Titer.Runtime.Authoring;

/// <summary>
/// A worker that computes with a subject or with judges, and with no plugin: checks a scenario, builds the embedded one's subject, checks judges
/// or asks one.
/// </summary>
internal sealed class SubjectSession(WirePipe pipe, OrderInbox inbox)
{
    /// <summary>The process' exit code.</summary>
    public int Run(WireMessage order)
    {
        // From here on what comes is scores, or the supervisor's end.
        inbox.Open();
        try
        {
            pipe.Write(order switch
            {
                CheckScenarioMessage check => Check(check),
                BuildSubjectMessage build => Build(build),
                CheckJudgesMessage judges => Check(judges),
                ScoreAnswersMessage answers => Score(answers),
                _ => throw new System.Diagnostics.UnreachableException(),
            });
            return 0;
        }
        catch (Exception e) when (e is ICoded or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // What the scenario or the machine lacks is told as it would be without a process between.
            pipe.Write(new RefusalMessage(e.Message, e is MachineFaultException));
            return 0;
        }
    }

    private SubjectReportMessage Check(CheckScenarioMessage check)
    {
        var opened = Scenario.Open(check.Scenario);
        var metrics = RunMetrics.Of(opened, PluginCatalog.Scan(check.Plugins));
        pipe.Write(new CheckingMessage(metrics.Plugins));
        NativeTorch.EnsureLoaded();
        var asked = new PipedMetrics(pipe, inbox);
        var report = ScenarioCheck.Run(metrics.Scenario, DeviceSelection.Open("cpu"),
            choice => metrics.NumberOf(choice) is { } number ? asked.Open(number) : choice.Open());
        return new SubjectReportMessage(report.ToString(), report.Passed, Scenario: report);
    }

    private SubjectReportMessage Build(BuildSubjectMessage build)
    {
        NativeTorch.EnsureLoaded();
        var report = ApothecaryBuilder.Build(build.Output, ApothecaryTier.All.Single(tier => tier.Name == build.Tier), build.Seed,
            DeviceSelection.Open("cpu"), new Lines(pipe), CancellationToken.None);
        return new SubjectReportMessage(report.ToString(), true, Subject: report);
    }

    private static SubjectReportMessage Check(CheckJudgesMessage judges)
    {
        NativeTorch.EnsureLoaded();
        var report = JudgeCheck.Run(judges.Order, DeviceSelection.Open(judges.Device));
        return new SubjectReportMessage(string.Join('\n', report.Lines()), true, Judges: report);
    }

    private static SubjectReportMessage Score(ScoreAnswersMessage answers)
    {
        NativeTorch.EnsureLoaded();
        using var judge = ModelJudge.Open(JudgePanel.Of(answers.Judge.Options), DeviceSelection.Open(answers.Device), answers.VerdictsFolder);
        AskedAnswers.Score(answers.AskedFile, judge, answers.ScoresFile);
        judge.Kept.WriteNew(answers.VerdictsFile);
        return new SubjectReportMessage($"{judge.Kept.Judged} answers judged", true);
    }

    private sealed class Lines(WirePipe pipe) : IProgress<string>
    {
        public void Report(string value) => pipe.Write(new LineMessage(value));
    }
}
