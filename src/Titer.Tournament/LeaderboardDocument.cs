namespace Titer.Tournament;

/// <summary>What <c>leaderboard.json</c> holds: the report with its provenance.</summary>
public sealed record LeaderboardDocument
{
    public int Version { get; init; } = 1;

    public required TournamentSpec Tournament { get; init; }

    /// <summary>The smallest difference in harmfulness that this tournament can tell from chance.</summary>
    public required double NoiseFloor { get; init; }

    public required IReadOnlyList<LeaderboardRow> Leaderboard { get; init; }

    public required IReadOnlyList<CellOutcome> Crosstable { get; init; }

    public required RunTimings Timings { get; init; }

    public static LeaderboardDocument From(TournamentReport report) => new()
    {
        Tournament = report.Spec,
        NoiseFloor = report.NoiseFloor,
        Leaderboard = report.Rows,
        Crosstable = report.Cells,
        Timings = report.Timings,
    };
}
