namespace Titer.Tournament.Scoring;

/// <summary>
/// Whether a board fell for a cheat that plays on it by design. A useless model must be held by a gate (stability, trainability, or the floor under
/// which a model is wrecked) and stand behind every defense that passes them; the undefended function in other units must come out as the
/// undefended one, within both intervals.
/// </summary>
public static class CanaryJudge
{
    public const string Code = "TITER722";

    /// <param name="useless">Labels of the useless ones.</param>
    /// <param name="undefended">Labels of those that are the undefended function.</param>
    /// <param name="isOver">Nothing more is played: what was not measured by now tells nothing, and that is reason enough.</param>
    /// <returns>Why no rank of the board counts; null where nothing says so, or not yet.</returns>
    public static string? Problem(TournamentReport report, IEnumerable<string> useless, IEnumerable<string> undefended, bool isOver)
    {
        ArgumentNullException.ThrowIfNull(report);
        string[] cheats = [.. useless], same = [.. undefended];
        var real = report.Rows.Where(r => !cheats.Contains(r.Defense) && !same.Contains(r.Defense)).ToArray();
        return cheats.Select(label => Useless(Row(report, label), label, real, isOver))
            .Concat(same.Select(label => Same(Row(report, label), label, Row(report, report.Spec.Defenses[0].Label), isOver)))
            .FirstOrDefault(problem => problem is not null) is { } found ? $"{Code} {found} No rank of this board counts." : null;
    }

    private static LeaderboardRow? Row(TournamentReport report, string label) => report.Rows.FirstOrDefault(r => r.Defense == label);

    private static string? Useless(LeaderboardRow? row, string label, LeaderboardRow[] real, bool isOver)
    {
        if (Unplayed(row, label, isOver) is { } open) return open.Problem;
        if (row!.Status != CellStatus.Wrecked && !row.FailsGate)
            return row.Stability.Verdict == Verdict.NotMeasured || row.Trainability.Verdict == Verdict.NotMeasured
                ? isOver ? $"The canary '{label}' was not measured." : null
                : $"The canary '{label}' is a useless model, and no gate holds it.";
        return real.FirstOrDefault(r => r.Status == CellStatus.Done && r.TiterValue.IsMeasured && !r.FailsGate && r.Rank >= row.Rank) is { } behind
            ? $"The canary '{label}' is a useless model, and '{behind.Defense}' does not rank before it." : null;
    }

    private static string? Same(LeaderboardRow? row, string label, LeaderboardRow? undefended, bool isOver)
    {
        if (Unplayed(row, label, isOver) is { } open) return open.Problem;
        // How well it trains depends on units, as it does for everybody who trains it: that is no reason.
        if (row!.Status != CellStatus.Done || row.Stability.Verdict == Verdict.Fail)
            return $"The canary '{label}' is the undefended function in other units, and is held for another model.";
        if (undefended is null || !(undefended.TiterValue.IsMeasured && row.TiterValue.IsMeasured))
            return isOver && undefended?.TiterValue.IsMeasured == true ? $"The canary '{label}' was not measured." : null;
        return Differs(row.TiterValue, undefended.TiterValue) || Differs(row.CrossDomainTiterValue, undefended.CrossDomainTiterValue)
            ? $"The canary '{label}' is the undefended function in other units, and its titer is another than "
                + $"'{undefended.Defense}' has ({row.Titer}; "
                + $"{row.CrossDomainTiter} cross-domain)."
            : null;
    }

    private static bool Differs(TiterRatio one, TiterRatio other) => one.IsMeasured && other.IsMeasured
        && (Low(one) > High(other) || Low(other) > High(one));

    private static double Low(TiterRatio titer) => double.IsNaN(titer.LowEnd) ? titer.Low : Math.Min(titer.Low, titer.LowEnd);

    private static double High(TiterRatio titer) => double.IsNaN(titer.HighEnd) ? titer.High : Math.Max(titer.High, titer.HighEnd);

    /// <returns>Null for a row that has come to something.</returns>
    private static (string? Problem, bool IsOpen)? Unplayed(LeaderboardRow? row, string label, bool isOver) => row switch
    {
        null => ($"The canary '{label}' is not on it.", false),
        { Status: CellStatus.Skipped } => (isOver ? $"The canary '{label}' was not played." : null, true),
        { Status: CellStatus.Error or CellStatus.Timeout or CellStatus.Invalid } =>
            ($"The canary '{label}' could not be played: {row.Code} {row.Reason}", false),
        _ => null,
    };
}
