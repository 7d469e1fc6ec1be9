using Titer.Files;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Runtime.Seasons;

/// <summary>
/// Says of a board which season it is of. A row is of a season when everything that the season froze of a tournament is what the board was played
/// with; of any other board every row is stale.
/// </summary>
internal static class SeasonMarks
{
    public const string StaleCode = "TITER715";

    /// <inheritdoc cref="SeasonBoards"/>
    public static TournamentReport Mark(TournamentReport report, string results) => new SeasonBoards(results).Mark(report);

    public static TournamentReport Mark(TournamentReport report, SeasonDocument season)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(season);
        var frozen = season.Frozen;
        var stale = Changes(frozen.Play, SeasonPlay.Of(report.Spec, season.Seal?.Seeds)) is { Count: > 0 } changed
            ? $"{StaleCode} Season {frozen.Season} froze other inputs: {Some(changed)}." : null;
        // What is played with other inputs after its end is of no season.
        if (stale is not null && !season.IsOpen) return report;
        return report with
        {
            Season = new SeasonMark(frozen.Season, season.Sha256)
            {
                IsClosed = !season.IsOpen,
                Canaries = [.. frozen.Canaries.Select(c => c.Label)],
                Invalid = stale is null ? CanaryJudge.Problem(report, Labels(frozen, SeasonCanaries.Useless),
                    Labels(frozen, SeasonCanaries.Undefended), isOver: !season.IsOpen) : null,
            },
            Rows = [.. report.Rows.Select(row => stale is not null ? row with { Stale = stale }
                : season.End is { } end && !end.Rows.Contains(row.Defense) ? row
                : row with { Season = season.Sha256 })],
        };
    }

    private static IEnumerable<string> Labels(SeasonInputs frozen, IReadOnlyList<string> ids) =>
        frozen.Canaries.Where(c => ids.Contains(c.Id)).Select(c => c.Label);

    /// <summary>Paths of what differs, of either side.</summary>
    public static IReadOnlyList<string> Changes(SeasonPlay frozen, SeasonPlay now)
    {
        ArgumentNullException.ThrowIfNull(frozen);
        ArgumentNullException.ThrowIfNull(now);
        return Changes(CanonicalJson.Flat(frozen.Json()), CanonicalJson.Flat(now.Json()));
    }

    public static IReadOnlyList<string> Changes(IReadOnlyDictionary<string, string> frozen, IReadOnlyDictionary<string, string> now) =>
        [.. frozen.Keys.Union(now.Keys).Where(p => frozen.GetValueOrDefault(p) != now.GetValueOrDefault(p)).Order(StringComparer.Ordinal)];

    public static string Some(IReadOnlyList<string> paths)
    {
        const int most = 4;
        return string.Join(", ", paths.Take(most)) + (paths.Count > most ? $" and {paths.Count - most} more" : "");
    }
}
