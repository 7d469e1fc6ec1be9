using System.Text.Json;

namespace Titer.League.Standing;

/// <summary>What a line of the league's log says.</summary>
internal enum LeagueEventKind
{
    /// <summary>A host took the league.</summary>
    Opened,

    /// <summary>A build was accepted, and plays.</summary>
    Accepted,

    /// <summary>A newer build took its place.</summary>
    Superseded,

    /// <summary>Its files are gone; its row stays.</summary>
    Removed,

    /// <summary>A drop changes nothing.</summary>
    Refused,

    /// <summary>Something that an operator should know.</summary>
    Noticed,

    /// <summary>The machine failed.</summary>
    Fault,

    /// <summary>The host ended. An opening without it is a host that was killed.</summary>
    Closed,
}

/// <summary>One line of <c>league.jsonl</c>.</summary>
internal sealed record LeagueEvent(DateTimeOffset At, LeagueEventKind Event, string Text)
{
    public string? Id { get; init; }

    public string? ContentHash { get; init; }

    public int? Generation { get; init; }

    public string? Place { get; init; }
}

/// <summary>
/// <c>league.jsonl</c>, only ever appended to, and the same lines for whoever looks on. Nothing depends on it. Thread-safe; a full disk costs lines
/// of it, and nothing else.
/// </summary>
internal sealed class LeagueLog(string results, TimeProvider clock, Action<string> say)
{
    private static readonly LeagueJson OneLine = new(new JsonSerializerOptions(LeagueJson.Default.Options) { WriteIndented = false });
    private readonly Lock _writing = new();
    private readonly string _file = Path.Combine(results, "league.jsonl");

    /// <summary>A line for whoever looks on, and for no file: phases are in the journal.</summary>
    public void Say(string text)
    {
        lock (_writing) say(text);
    }

    public void Write(LeagueEventKind kind, string text, LeagueEntry? entry = null, string? place = null)
    {
        var line = new LeagueEvent(clock.GetUtcNow(), kind, text)
        {
            Id = entry?.Id,
            ContentHash = entry?.ContentHash,
            Generation = entry?.Generation,
            Place = place ?? entry?.Place,
        };
        lock (_writing)
        {
            say(text);
            try
            {
                File.AppendAllText(_file, JsonSerializer.Serialize(line, OneLine.LeagueEvent) + "\n");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                say($"league.jsonl lacks this line: {e.Message}");
            }
        }
    }
}
