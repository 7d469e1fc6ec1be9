using System.Text.Json;
using Titer.Files;
using Titer.Tournament;

namespace Titer.Runtime.Seasons;

/// <summary>The files of seasons in a league's results: <c>season.json</c> is the one that is open, or was last; what is over lies under
/// <c>seasons</c> as well, with its board.</summary>
internal static class SeasonFile
{
    public const string FileName = "season.json";
    public const string KeptFolder = "seasons";
    private const long MostBytes = 16L << 20;
    private const long MostBoardBytes = 512L << 20;

    /// <summary>Null where the league has no season.</summary>
    /// <exception cref="FileRefusalException">It is damaged.</exception>
    public static SeasonDocument? Find(string results) => Read(Path.Combine(results, FileName));

    public static string FolderOf(string results, string season) => Path.Combine(results, KeptFolder, season);

    /// <summary>Names of the seasons that are over, in order.</summary>
    public static IReadOnlyList<string> Kept(string results)
    {
        var folder = Path.Combine(results, KeptFolder);
        return Directory.Exists(folder) ? [.. Directory.EnumerateDirectories(folder).Select(Path.GetFileName).OfType<string>()
            .Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Seasons that are over and can be read, the one that ended last first.</summary>
    public static IReadOnlyList<SeasonDocument> Over(string results) =>
        [.. Kept(results).Select(name => TryRead(Path.Combine(FolderOf(results, name), FileName))).OfType<SeasonDocument>()
            .Where(s => s.End is not null).OrderByDescending(s => s.End!.At)];

    /// <summary>The rows of a season that is over; empty where its board is gone or is another.</summary>
    public static IReadOnlyList<JsonElement> RowsOf(string results, SeasonDocument season)
    {
        ArgumentNullException.ThrowIfNull(season);
        var board = Path.Combine(FolderOf(results, season.Frozen.Season), Results.RunFolder.LeaderboardName);
        try
        {
            using var json = JsonDocument.Parse(RegularFile.ReadAllBytes(board, MostBoardBytes));
            return json.RootElement.TryGetProperty("leaderboard", out var rows) && rows.ValueKind == JsonValueKind.Array
                ? [.. rows.EnumerateArray().Where(IsRow).Select(r => r.Clone())] : [];
        }
        catch (Exception e) when (e is IOException or InvalidDataException or JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    public static string Text(SeasonDocument season) => JsonSerializer.Serialize(season, SeasonJson.Default.SeasonDocument) + "\n";

    public static void Write(string results, SeasonDocument season) => ReplacedFile.Write(Path.Combine(results, FileName), Text(season));

    private static bool IsRow(JsonElement row) => row.ValueKind == JsonValueKind.Object
        && ((string[])["rank", "defense", "titer"]).All(name => row.TryGetProperty(name, out _));

    private static SeasonDocument? TryRead(string file)
    {
        try
        {
            return Read(file);
        }
        catch (FileRefusalException)
        {
            // 'season verify' says so; a board is shown without its rows.
            return null;
        }
    }

    private static SeasonDocument? Read(string file)
    {
        try
        {
            var season = JsonSerializer.Deserialize(RegularFile.ReadAllBytes(file, MostBytes), SeasonJson.Default.SeasonDocument);
            return season is { Version: SeasonDocument.CurrentVersion }
                ? season
                : throw new InvalidDataException("it is of another version of Titer");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or NotSupportedException)
        {
            throw new FileRefusalException(
                $"TITER710 {file} cannot be read: {VisibleText.OnOneLine(e.Message).TrimEnd('.')}. Put a copy of it back: "
                + "what a season froze stands nowhere else.", e);
        }
    }
}
