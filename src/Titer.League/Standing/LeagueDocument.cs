using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Plugins;

namespace Titer.League.Standing;

/// <summary>What the host is at.</summary>
internal enum LeagueActivity
{
    Playing,

    /// <summary>Everything that stands is played.</summary>
    Idle,

    /// <summary>Running phases finish, no new one starts.</summary>
    Draining,

    /// <summary>The machine failed; it is tried again after a while.</summary>
    Faulted,

    /// <summary>The host ended by itself.</summary>
    Stopped,
}

/// <summary>A phase that is played now.</summary>
internal sealed record RunningPhase(string Id, string Title, DateTimeOffset Since);

/// <summary>
/// <c>league.json</c>: the entries, which a host that starts goes on from, and how far it is. It is replaced as a whole before anything is done by
/// it; what was played stands in the phases' own files.
/// </summary>
internal sealed record LeagueDocument
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public required string Name { get; init; }

    public required string Host { get; init; }

    public required int Pid { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public LeagueActivity Activity { get; init; }

    /// <summary>Phases of the whole plan.</summary>
    public int Planned { get; init; }

    public int Done { get; init; }

    /// <summary>Phases that are still to be played: those on a defense that failed never are.</summary>
    public int Left { get; init; }

    public IReadOnlyList<RunningPhase> Running { get; init; } = [];

    /// <summary>What is played next, as it looks now: titles of a few phases.</summary>
    public IReadOnlyList<string> Next { get; init; } = [];

    /// <summary>Rows whose place is known before an attacker has met them: what is left of them is played when nobody else waits.</summary>
    public IReadOnlyList<string> Settled { get; init; } = [];

    /// <summary>By id; of one plugin the newest build first.</summary>
    public IReadOnlyList<LeagueEntry> Entries { get; init; } = [];

    /// <summary>By place.</summary>
    public IReadOnlyList<RefusedDrop> Refused { get; init; } = [];
}

/// <summary>The league's files as JSON: snake_case, enums as words.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    Converters = [typeof(Word<EntryState>), typeof(Word<LeagueActivity>), typeof(Word<PluginKind>), typeof(Word<LeagueEventKind>)])]
[JsonSerializable(typeof(LeagueDocument))]
[JsonSerializable(typeof(LeagueEvent))]
internal sealed partial class LeagueJson : JsonSerializerContext;

/// <summary>Enums as snake_case words.</summary>
internal sealed class Word<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
