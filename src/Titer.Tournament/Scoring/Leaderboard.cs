namespace Titer.Tournament.Scoring;

/// <summary>
/// The order of the defenses, and how sure it is. Sound defenses before wrecked ones before those that failed; a measured titer before none;
/// the gates (stability, trainability) before the titer; then who passes everything, and the titer.
/// </summary>
internal static class Leaderboard
{
    /// <summary>Best first; rows that are as good share a rank and keep the file's order.</summary>
    public static LeaderboardRow[] Order(IReadOnlyCollection<LeaderboardRow> rows) =>
    [
        .. rows.OrderBy(Tier).ThenByDescending(r => Key(r).Low).ThenByDescending(r => Key(r).High).Select(row =>
        {
            var rank = 1 + rows.Count(other => IsBetter(other, row));
            var low = 1 + rows.Count(other => IsSurelyBetter(other, row));
            var high = rows.Count - rows.Count(other => IsSurelyBetter(row, other));
            return row with { Rank = rank, RankLow = Math.Min(rank, low), RankHigh = Math.Max(rank, high) };
        }),
    ];

    private static int Tier(LeaderboardRow row) => row.Status switch
    {
        CellStatus.Done => (row.TiterValue.IsMeasured ? 0 : 3) + (row.FailsGate ? 2 : row.PassesAll ? 0 : 1),
        CellStatus.Wrecked => 10,
        _ => 11,
    };

    private static (double Low, double High) Key(LeaderboardRow row) =>
        row.TiterValue.IsMeasured ? (row.TiterValue.Low, row.TiterValue.High) : (0, 0);

    private static bool IsBetter(LeaderboardRow row, LeaderboardRow other) =>
        (Tier(row), Tier(other)) is var (own, theirs) && (own < theirs || (own == theirs && Key(row).CompareTo(Key(other)) > 0));

    /// <summary>By more than the ends of both titers leave open: what lies at an end is not reached itself.</summary>
    private static bool IsSurelyBetter(LeaderboardRow row, LeaderboardRow other) =>
        Tier(row) < Tier(other) || (Tier(row) == Tier(other) && row.TiterValue.IsMeasured
            && row.TiterValue.LowEnd >= other.TiterValue.HighEnd && row.TiterValue.LowEnd > other.TiterValue.LowEnd);
}
