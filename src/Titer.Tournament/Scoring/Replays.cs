namespace Titer.Tournament.Scoring;

/// <summary>
/// A stranger's attack that failed on some models and played on others is played again, once, on random streams that it has not seen: chance is
/// not held against it. Where it fails again its column counts for nobody (<see cref="AsideColumns"/>).
/// </summary>
internal static class Replays
{
    /// <summary>The cells whose attack failed and was not played again yet, each with the cell and phase that take its place.</summary>
    /// <param name="only">The attacker whose results are new, on whatever defense: what it played here calls for a replay there. Null looks at
    /// all.</param>
    public static IEnumerable<(string FailedPhaseId, Cell Cell, Phase Phase)> Of(
        TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results, AttackerKey? only)
    {
        Cell[] foreign = [.. plan.Cells
            .Where(c => c.Attack is { IsForeign: true, Refusal: null }
            && (only is not { } key || (key.Attacker == c.Attack.Family && key.Exposure == c.Exposure)))];
        if (foreign.Length == 0) return [];
        var plays = foreign.Where(c => !c.IsReplay && results.GetValueOrDefault(c.AttackPhaseId)?.Status == PhaseStatus.Done)
            .Select(c => (c.Attack.Family, c.Exposure)).ToHashSet();
        return foreign.Where(c => !c.IsReplay && plays.Contains((c.Attack.Family, c.Exposure)) && HasFailed(c, results)).Select(c =>
        {
            var (cell, phase) = TournamentPlan.CellOf(spec, c.Defense, c.Attack, c.Exposure, c.Seed, c.AttackSeed, c.IsFresh, isReplay: true,
                plan.Phases.First(p => p.Id == c.AttackPhaseId).LastStep);
            return (c.AttackPhaseId, cell, phase);
        });
    }

    private static bool HasFailed(Cell cell, IReadOnlyDictionary<string, PhaseResult> results) =>
        results.GetValueOrDefault(cell.AttackPhaseId)?.Status is PhaseStatus.Error or PhaseStatus.Timeout or PhaseStatus.Invalid
        && cell.Defense.Refusal is null && results.GetValueOrDefault(cell.DefendPhaseId)?.Status == PhaseStatus.Done;
}
