namespace Titer.Tournament.Scoring;

/// <summary>One attacker on one defense, with all that was seen of it.</summary>
/// <param name="Group">The runs that count; null where none were played.</param>
/// <param name="Tried">Tries that were chosen from, and runs that were repeated; in their order.</param>
internal sealed record MetAttacker(CellOutcome Cell, RunGroup? Group, IReadOnlyList<(string Try, RunGroup Group)> Tried)
{
    public static MetAttacker Of(PlayedCells played, CellOutcome cell)
    {
        var family = played.Roster.Family(cell.Attack);
        var counted = played.Counted(cell.Defense, family, cell.Exposure);
        var tried =
            from attempt in played.Tries(cell.Defense, family, cell.Exposure)
            let meeting = new Meeting(cell.Defense, attempt.Label, cell.Exposure)
            from runs in (RunGroup?[])[played.Group(meeting), played.Group(meeting with { IsFresh = true })]
            where runs is not null && runs != counted
            select (attempt.Label, runs);
        return new MetAttacker(cell, counted, [.. tried]);
    }
}
