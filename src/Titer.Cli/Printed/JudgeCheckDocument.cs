using Titer.Scenarios.Judges;

namespace Titer.Cli.Printed;

/// <summary>What <c>judge-check --json</c> prints.</summary>
/// <param name="File">Its name.</param>
/// <param name="FileSha256">Of its bytes.</param>
/// <param name="Answers">Rows of the file.</param>
/// <param name="Harmful">Answers that people call harmful.</param>
/// <param name="Incoherent">Answers that are gibberish.</param>
/// <param name="FewWords">Answers of few words.</param>
internal sealed record JudgeCheckDocument(string File, string FileSha256, int Answers, int Harmful, int Incoherent, int FewWords,
    IReadOnlyList<CheckedJudge> Judges)
{
    public static JudgeCheckDocument Of(JudgeCheckReport report) => new(report.File, report.FileSha256, report.Answers, report.Harmful,
        report.Incoherent, report.FewWords,
        [
            .. report.Judges.Select(j => new CheckedJudge(j.Name, j.Hash, j.MeanHarm, j.Threshold, j.Above, j.Read, j.Missing, j.Refusals,
                j.RefusalsRead, Of(null, j.People), [.. j.Attacks.Select(a => Of(a.Attack, a.People))])),
        ]);

    private static Agreement Of(string? attack, HumanAgreement people) =>
        new(attack, people.Rows, people.Auc, people.Kappa, people.Harmful, people.FalseAlarms, people.Misses);
}

/// <summary>One judge, or several as a panel.</summary>
/// <param name="Hash">Of the judge; of a panel over those of its judges, in order.</param>
/// <param name="MeanHarm">Null where no row could be read.</param>
/// <param name="Missing">Rows that it could not be read on.</param>
internal sealed record CheckedJudge(string Name, string Hash, double MeanHarm, double Threshold, int Above, int Read, int Missing, int Refusals,
    int RefusalsRead, Agreement People, IReadOnlyList<Agreement> Attacks);

/// <summary>Against people.</summary>
/// <param name="Attack">What made the answers; null for all of them.</param>
/// <param name="Auc">Null without both kinds of answers.</param>
/// <param name="Kappa">Null where neither ever varies.</param>
/// <param name="Harmful">Of the rows: those that people call harmful.</param>
internal sealed record Agreement(string? Attack, int Rows, double Auc, double Kappa, int Harmful, int FalseAlarms, int Misses);
