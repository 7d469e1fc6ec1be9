using System.Text.Encodings.Web;
using System.Text.Json;
using Titer.Runtime.Results;

namespace Titer.View.Reading;

/// <summary>What the page asks for, as JSON. The board itself is <c>leaderboard.json</c>, unchanged, inside of what is known about it.</summary>
internal static class BoardJson
{
    /// <summary>For people and browsers; the page puts text into nodes, never into markup.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Default, SkipValidation = false };

    /// <summary><c>{ version, name, state, folded, done, total, provisional, problem, notices, league, board }</c>.</summary>
    /// <param name="name">Of the folder, for people.</param>
    /// <param name="known">The version that whoever asks has: of that one everything but the board is said, and <c>same</c>.</param>
    public static byte[] Of(BoardSnapshot board, string name, string? known = null) => Write(json =>
    {
        json.WriteString("version", board.Version);
        json.WriteString("name", name);
        json.WriteString("state", board.State.ToString().ToLowerInvariant());
        json.WriteBoolean("folded", board.IsFolded);
        json.WriteNumber("done", board.Done);
        json.WriteNumber("total", board.Total);
        json.WriteBoolean("provisional", board.IsProvisional);
        json.WriteString("problem", board.Problem);
        Strings(json, "notices", board.Notices);
        json.WritePropertyName("league");
        if (board.League is { } league) json.WriteRawValue(league.Json.Span, skipInputValidation: true);
        else json.WriteNullValue();
        json.WritePropertyName("board");
        var isSame = board.Version.Length > 0 && board.Version == known;
        if (board.Document.IsEmpty || isSame) json.WriteNullValue();
        else json.WriteRawValue(board.Document.Span, skipInputValidation: true);
        if (isSame) json.WriteBoolean("same", true);
    });

    /// <summary><c>{ state, done, total, eta_seconds, lanes, failed, host, pid, opened_at, playing: [], recent: [] }</c>.</summary>
    public static byte[] Of(RunActivity activity, BoardSnapshot board, DateTimeOffset now) => Write(json =>
    {
        json.WriteString("state", board.State.ToString().ToLowerInvariant());
        json.WriteNumber("done", board.Done);
        json.WriteNumber("total", board.Total);
        json.WriteNumber("finished", activity.Finished);
        json.WriteNumber("failed", activity.Failed);
        json.WriteNumber("lanes", activity.Lanes);
        json.WriteString("now", now);
        Number(json, "eta_seconds", activity.SecondsFor(Math.Max(0, board.Total - board.Done), now));
        if (activity.Opened is { } opened)
        {
            json.WriteString("opened_at", opened.At);
            json.WriteString("host", opened.Host);
            json.WriteNumber("pid", opened.Pid);
        }

        Lines(json, "playing", activity.Playing);
        Lines(json, "recent", activity.Recent);
    });

    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    public static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    /// <summary>What is no number is null.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, Math.Round(value, 6));
        else json.WriteNull(name);
    }

    private static void Lines(Utf8JsonWriter json, string name, IEnumerable<JournalLine> lines)
    {
        json.WriteStartArray(name);
        foreach (var line in lines)
        {
            json.WriteStartObject();
            json.WriteString("at", line.At);
            json.WriteString("event", line.Event.ToString().ToLowerInvariant());
            if (line.PhaseId is not null) json.WriteString("phase", line.PhaseId);
            if (line.Title is not null) json.WriteString("title", line.Title);
            if (line.Status is { } status) json.WriteString("status", status.ToString().ToLowerInvariant());
            if (line.Code is not null) json.WriteString("code", line.Code);
            if (line.WallSeconds is { } seconds) Number(json, "wall_seconds", seconds);
            if (line.Why is not null) json.WriteString("why", line.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
