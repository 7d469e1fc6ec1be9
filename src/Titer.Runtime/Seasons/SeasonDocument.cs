using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Tournament;

namespace Titer.Runtime.Seasons;

/// <summary><c>season.json</c>: what a season froze when it was opened, the hash of that, and what became of the season since.</summary>
internal sealed record SeasonDocument
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>SHA-256 of the canonical JSON of <see cref="Frozen"/>: stands in every row that is played in the season.</summary>
    public required string Sha256 { get; init; }

    public required SeasonInputs Frozen { get; init; }

    /// <summary>The end of submissions; null while there was none.</summary>
    public SeasonSeal? Seal { get; init; }

    /// <summary>What was promised, told when the season closed; null before.</summary>
    public IReadOnlyList<SeasonReveal>? Revealed { get; init; }

    /// <summary>How it ended; null while it is open.</summary>
    public SeasonEnd? End { get; init; }

    [JsonIgnore]
    public bool IsOpen => End is null;

    public static SeasonDocument Of(SeasonInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new SeasonDocument { Sha256 = inputs.Sha256, Frozen = inputs };
    }
}

/// <summary>The end of a season.</summary>
/// <param name="Rows">Defenses that have a row in it: what enters later has none.</param>
/// <param name="BoardSha256">Of the kept <c>leaderboard.json</c>.</param>
/// <param name="Left">Phases that had no result.</param>
/// <param name="Invalid">Why no rank of it counts; null where there is no such reason.</param>
internal sealed record SeasonEnd(DateTimeOffset At, IReadOnlyList<string> Rows, string BoardSha256, int Left, string? Invalid);

/// <summary>A season's file as JSON: snake_case, enums as words, null left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    Converters = [typeof(MetricRoleWord)])]
[JsonSerializable(typeof(SeasonDocument))]
internal sealed partial class SeasonJson : JsonSerializerContext;

/// <summary>Enums as words.</summary>
internal sealed class MetricRoleWord() : JsonStringEnumConverter<MetricRole>(JsonNamingPolicy.SnakeCaseLower);
