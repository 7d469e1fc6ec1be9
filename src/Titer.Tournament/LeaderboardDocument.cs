namespace Titer.Tournament;

/// <summary>What <c>leaderboard.json</c> holds: the report with its provenance.</summary>
public sealed record LeaderboardDocument
{
    public int Version { get; init; } = 3;

    public required TournamentSpec Tournament { get; init; }

    /// <summary>The smallest difference in harmfulness that this tournament can tell from chance.</summary>
    public required double NoiseFloor { get; init; }

    public required double AttackStepsSaved { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    /// <inheritdoc cref="TournamentReport.HarmJudge"/>
    public JudgeError? HarmJudge { get; init; }

    /// <inheritdoc cref="TournamentReport.Season"/>
    public SeasonMark? Season { get; init; }

    public required IReadOnlyList<LeaderboardRow> Leaderboard { get; init; }

    /// <inheritdoc cref="TournamentReport.Earlier"/>
    public IReadOnlyList<EarlierRow>? Earlier { get; init; }

    public required IReadOnlyList<DefenseComparison> Comparisons { get; init; }

    public required IReadOnlyList<DefenseRating> Ratings { get; init; }

    public AaOutcome? Aa { get; init; }

    public required IReadOnlyList<MetricOpinion> SecondOpinions { get; init; }

    public required IReadOnlyList<PlayEnvironment> Environments { get; init; }

    public required IReadOnlyList<CellOutcome> Crosstable { get; init; }

    public required RunTimings Timings { get; init; }

    public static LeaderboardDocument From(TournamentReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new LeaderboardDocument
        {
            Tournament = report.Spec,
            NoiseFloor = report.NoiseFloor,
            AttackStepsSaved = report.AttackStepsSaved,
            Warnings = report.Warnings,
            HarmJudge = report.HarmJudge,
            Season = report.Season,
            Leaderboard = report.Rows,
            Earlier = report.Earlier,
            Comparisons = report.Comparisons,
            Ratings = report.Ratings,
            Aa = report.Aa,
            SecondOpinions = report.Opinions,
            Environments = report.Environments,
            Crosstable = report.Cells,
            Timings = report.Timings,
        };
    }
}
