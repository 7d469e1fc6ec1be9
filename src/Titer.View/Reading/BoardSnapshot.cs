namespace Titer.View.Reading;

/// <summary>A board at one moment. Immutable: a request is answered from one of them.</summary>
/// <param name="Version">Another one where anything of the board is another, also after a restart of this process.</param>
/// <param name="Document"><c>leaderboard.json</c>, as the run wrote it or folded here; empty when there is none.</param>
/// <param name="IsFolded">The document was made here, of the results that are there.</param>
/// <param name="Done">Phases that have a result.</param>
/// <param name="Total">Phases of the plan as far as it is known.</param>
/// <param name="Problem">Why there is no board, for people; null when there is one.</param>
/// <param name="Notices">What was found damaged or of another host.</param>
internal sealed record BoardSnapshot(string Version, RunState State, ReadOnlyMemory<byte> Document, bool IsFolded, int Done, int Total,
    string? Problem, IReadOnlyList<string> Notices)
{
    public static BoardSnapshot Unread { get; } = new("", RunState.Empty, default, false, 0, 0, null, []);

    /// <summary>Who plays in it, where it is a league; null where it is none.</summary>
    public LeagueReading? League { get; init; }

    /// <summary>With what a league's host says now. It knows what is left; a board that was folded here counts for itself.</summary>
    public BoardSnapshot With(LeagueReading? league) => league is null || IsFolded ? this with { League = league }
        : this with { League = league, Done = league.Done, Total = league.Done + league.Left };

    /// <summary>Some phase has no result yet: ranks may change.</summary>
    public bool IsProvisional => Done < Total;
}
