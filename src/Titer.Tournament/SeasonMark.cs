using System.Text.Json;

namespace Titer.Tournament;

/// <summary>The season of a league that a board belongs to.</summary>
/// <param name="Hash">SHA-256 of everything that the season froze; stands in every row that was played in it.</param>
public sealed record SeasonMark(string Name, string Hash)
{
    /// <summary>It is over: what enters now is in no row of it.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Defenses that are none, and play in it to find out a board that is wrong.</summary>
    public IReadOnlyList<string> Canaries { get; init; } = [];

    /// <summary>Why no rank of it counts: a canary that a sound board puts elsewhere. Null while there is no such reason.</summary>
    public string? Invalid { get; init; }
}

/// <summary>A row of an earlier season, which was played with other inputs than the board: kept, and in no rank of it.</summary>
/// <param name="Season">Its name.</param>
/// <param name="SeasonHash">Of the season that it was played in.</param>
/// <param name="Stale">What of the inputs is another since.</param>
/// <param name="Row">As that season's board has it.</param>
public sealed record EarlierRow(string Season, string SeasonHash, string Stale, JsonElement Row);
