namespace Titer.Tournament.Scoring;

/// <summary>
/// A stranger's attack that failed on some models and played on others is played again, once, on random streams that it has not seen: chance is
/// not held against it. Where it fails again its column counts for nobody (<see cref="AsideColumns"/>).
/// </summary>
internal static class Replays
{
    /// <summary>The cells whose attack failed and was not played again yet, each with the cell and phase that take its place.</summary>
    /// <param name="cells">In the order of the plan.</param>
    /// <param name="lastStepOf">Where a planned phase ends before its budget does, by its id.</param>
    public static IEnumerable<(string FailedPhaseId, Cell Cell, Phase Phase)> Of(
        TournamentSpec spec, IEnumerable<Cell> cells, Func<string, int?> lastStepOf, IReadOnlyDictionary<string, PhaseResult> results)
    {
        Cell[] foreign = [.. cells.Where(c => IsForeign(c) && !c.IsReplay)];
        if (foreign.Length == 0) return [];
        var plays = foreign.Where(c => results.GetValueOrDefault(c.AttackPhaseId)?.Status == PhaseStatus.Done)
            .Select(c => (c.Attack.Family, c.Exposure)).ToHashSet();
        return foreign.Where(c => plays.Contains((c.Attack.Family, c.Exposure)) && HasFailed(c, results)).Select(c =>
        {
            var (cell, phase) = TournamentPlan.CellOf(spec, c.Defense, c.Attack, c.Exposure, c.Seed, c.AttackSeed, c.IsFresh, isReplay: true,
                lastStepOf(c.AttackPhaseId));
            return (c.AttackPhaseId, cell, phase);
        });
    }

    /// <summary>Whether a cell's attack may be called for again.</summary>
    public static bool IsForeign(Cell cell) => cell.Attack is { IsForeign: true, Refusal: null };

    private static bool HasFailed(Cell cell, IReadOnlyDictionary<string, PhaseResult> results) =>
        results.GetValueOrDefault(cell.AttackPhaseId)?.Status is PhaseStatus.Error or PhaseStatus.Timeout or PhaseStatus.Invalid
        && cell.Defense.Refusal is null && results.GetValueOrDefault(cell.DefendPhaseId)?.Status == PhaseStatus.Done;
}
