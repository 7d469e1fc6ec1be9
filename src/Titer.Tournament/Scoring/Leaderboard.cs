namespace Titer.Tournament.Scoring;

/// <summary>The order of the defenses, and how sure it is.</summary>
internal static class Leaderboard
{
    /// <summary>Passes all four, then titer, then stability; wrecked defenses after sound ones, failed ones last. Ties keep the file's order.</summary>
    public static LeaderboardRow[] Order(List<LeaderboardRow> rows)
    {
        var ordered = rows.OrderBy(r => r.Soundness)
            .ThenByDescending(r => r.PassesAll)
            .ThenByDescending(r => r.TiterValue.Key)
            .ThenByDescending(r => double.IsNaN(r.Stability.Estimate) ? -1 : r.Stability.Estimate)
            .ToArray();
        return [.. ordered.Select((row, i) =>
        {
            var (low, high) = RankInterval(row, rows, i + 1);
            return row with { Rank = i + 1, RankLow = low, RankHigh = high };
        })];
    }

    private static (int Low, int High) RankInterval(LeaderboardRow row, List<LeaderboardRow> rows, int rank)
    {
        var rivals = rows.Where(r => r.Soundness == 0 && r.TiterReplicates.Length > 0).ToArray();
        if (!rivals.Contains(row)) return (rank, rank);
        var ranks = Enumerable.Range(0, row.TiterReplicates.Length)
            .Select(i => 1 + rivals.Count(r => r.TiterReplicates[i] > row.TiterReplicates[i])).Order().ToArray();
        return (ranks[(int)(0.025 * (ranks.Length - 1))], ranks[(int)(0.975 * (ranks.Length - 1))]);
    }
}
