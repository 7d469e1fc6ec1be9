namespace Titer.Tournament.Scoring;

public enum CellPlay
{
    /// <summary>It may start.</summary>
    Play,

    /// <summary>Earlier seeds decide whether it is needed.</summary>
    Wait,

    /// <summary>Earlier seeds have settled that this attack does not break this defense within the budget.</summary>
    Hopeless,
}

/// <summary>
/// Which cells a tournament need not play. The decision about a seed looks at the seeds before it alone, so it does not depend on the order in
/// which lanes finish, and the fold comes to the same one.
/// </summary>
public sealed class Settlement
{
    private readonly TournamentSpec _spec;
    private readonly ILookup<Meeting, Cell> _siblings;
    private readonly IReadOnlyDictionary<string, PhaseResult> _results;
    private readonly double _referenceUtility;

    public Settlement(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
        (_spec, _results) = (spec, results);
        _siblings = plan.Cells.ToLookup(Meeting.Of);
        _referenceUtility = ReferenceUtility(spec, results) ?? double.NaN;
    }

    /// <summary>The phase whose result attacks wait for; null without early stopping.</summary>
    public string? ReferencePhaseId => _spec.EarlyStopping is null ? null : TournamentPlan.ReferencePhase(_spec).Id;

    /// <summary>The undefended subject's mean utility; null when it was not measured (yet).</summary>
    public static double? ReferenceUtility(TournamentSpec spec, IReadOnlyDictionary<string, PhaseResult> results) =>
        results.GetValueOrDefault(TournamentPlan.ReferencePhase(spec).Id)?.Assessment?.Utility.Average();

    public CellPlay Of(Cell cell)
    {
        if (_spec.EarlyStopping is not { } rule || double.IsNaN(_referenceUtility) || Index(cell) < rule.FirstSeeds) return CellPlay.Play;
        var (breached, held) = (0, 0);
        foreach (var earlier in _siblings[Meeting.Of(cell)].TakeWhile(c => c.Seed != cell.Seed))
        {
            if (rule.IsHopeless(breached, held)) return CellPlay.Hopeless;
            // A failed seed settles nothing.
            if (_results.GetValueOrDefault(earlier.DefendPhaseId) is { Status: not PhaseStatus.Done }) return CellPlay.Play;
            if (!_results.TryGetValue(earlier.AttackPhaseId, out var result)) return CellPlay.Wait;
            if (result.Trajectory is not { } trajectory) return CellPlay.Play;
            if (new CellGroup([(earlier.Seed, trajectory)], _spec.Thresholds, _referenceUtility).Times[0].IsCensored) held++;
            else breached++;
        }

        return rule.IsHopeless(breached, held) ? CellPlay.Hopeless : CellPlay.Play;
    }

    private int Index(Cell cell) => _spec.Seeds.Index().First(s => s.Item == cell.Seed).Index;
}
