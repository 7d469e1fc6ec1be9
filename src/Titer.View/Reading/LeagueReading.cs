using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Results;

namespace Titer.View.Reading;

/// <summary>
/// What a league's host says beside its board (<c>league.json</c>): what it is at, every build that was dropped, what was refused.
/// </summary>
/// <param name="Json">What of it is shown: no paths of the host's machine but those that a refusal names, and of the row of a superseded build
/// its titers.</param>
/// <param name="Left">Phases that are still to be played.</param>
internal sealed record LeagueReading(ReadOnlyMemory<byte> Json, int Done, int Left)
{
    private const string FileName = "league.json";
    private const long MostBytes = 256L << 20;
    private static readonly string[] OfEntry = ["id", "kind", "content_hash", "version", "generation", "state", "since", "until", "progress"];
    private static readonly string[] OfRow = ["status", "titer", "titer_interval", "titer_ends_are", "cross_domain_titer"];
    private static readonly string[] OfRefusal = ["name", "why", "since"];

    public static string FileOf(RunFolder folder) => Path.Combine(folder.BoardPath, FileName);

    /// <summary>Null where no league is played, and where its file is something else: a page shows the board all the same.</summary>
    public static LeagueReading? Of(RunFolder folder)
    {
        try
        {
            using var json = JsonDocument.Parse(RegularFile.ReadAllBytes(FileOf(folder), MostBytes));
            var league = json.RootElement;
            var done = league.GetProperty("done").GetInt32();
            // A host before 0.3 did not tell it apart.
            var left = league.TryGetProperty("left", out var told) ? told.GetInt32() : league.GetProperty("planned").GetInt32() - done;
            return new LeagueReading(BoardJson.Write(to => Write(to, league)), done, left);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or JsonException
            or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter to, JsonElement league)
    {
        Copy(to, league, ["activity", "planned", "done", "left", "next", "settled"]);
        to.WriteStartArray("entries");
        foreach (var entry in league.GetProperty("entries").EnumerateArray())
        {
            to.WriteStartObject();
            Copy(to, entry, OfEntry);
            if (entry.TryGetProperty("row", out var row))
            {
                to.WriteStartObject("row");
                Copy(to, row, OfRow);
                to.WriteEndObject();
            }

            to.WriteEndObject();
        }

        to.WriteEndArray();
        to.WriteStartArray("refused");
        foreach (var drop in league.GetProperty("refused").EnumerateArray())
        {
            to.WriteStartObject();
            Copy(to, drop, OfRefusal);
            to.WriteEndObject();
        }

        to.WriteEndArray();
    }

    private static void Copy(Utf8JsonWriter to, JsonElement from, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (!from.TryGetProperty(name, out var value)) continue;
            to.WritePropertyName(name);
            value.WriteTo(to);
        }
    }
}
