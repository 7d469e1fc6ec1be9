using System.Globalization;
using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Seasons;

/// <summary>
/// Marks the boards of one results folder as they come. Rows of the season before, where that one froze something else, stand apart, in no rank;
/// they are read once, and again only when a file of a season is another. Used by one thread at a time.
/// </summary>
/// <param name="results">A league's results folder; of any other folder nothing is said.</param>
internal sealed class SeasonBoards(string results)
{
    private (string Stamp, SeasonDocument? Before, IReadOnlyList<JsonElement> Rows) _read = ("", null, []);

    public TournamentReport Mark(TournamentReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        SeasonDocument? season;
        try
        {
            season = SeasonFile.Find(results);
        }
        catch (FileRefusalException e)
        {
            return report with { Warnings = [e.Message, .. report.Warnings] };
        }

        return season is null ? report : SeasonMarks.Mark(report, season) with { Earlier = EarlierOf(report, season) };
    }

    private EarlierRow[]? EarlierOf(TournamentReport report, SeasonDocument season)
    {
        var (before, rows) = Before(season);
        if (before is null || rows.Count == 0) return null;
        var now = SeasonPlay.Of(report.Spec, season.Seal?.Seeds);
        if (SeasonMarks.Changes(before.Frozen.Play, now) is not { Count: > 0 } changed) return null;
        var why = $"{SeasonMarks.StaleCode} Season {before.Frozen.Season} froze other inputs: {SeasonMarks.Some(changed)}.";
        return [.. rows.Select(row => new EarlierRow(before.Frozen.Season, before.Sha256, why, row))];
    }

    private (SeasonDocument? Before, IReadOnlyList<JsonElement> Rows) Before(SeasonDocument season)
    {
        var stamp = Stamp(season);
        if (stamp == _read.Stamp) return (_read.Before, _read.Rows);
        var before = SeasonFile.Over(results).FirstOrDefault(s => s.Sha256 != season.Sha256 || !season.IsOpen);
        _read = (stamp, before, before is null ? [] : SeasonFile.RowsOf(results, before));
        return (_read.Before, _read.Rows);
    }

    /// <summary>Another one where the season or a kept file of one is another.</summary>
    private string Stamp(SeasonDocument season) => string.Join('\n',
    [
        season.Sha256, season.IsOpen ? "open" : "closed",
        .. SeasonFile.Kept(results).SelectMany(name => new[] { SeasonFile.FileName, RunFolder.LeaderboardName }
            .Select(file => new FileInfo(Path.Combine(SeasonFile.FolderOf(results, name), file))).Where(file => file.Exists)
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}"))),
    ]);
}
