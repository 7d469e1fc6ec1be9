namespace Titer.Tournament.Scoring;

/// <summary>Results grouped for scoring: which phases of each defense and cell are done, and what stopped the others.</summary>
internal sealed class Fold
{
    private readonly TournamentPlan _plan;
    private readonly IReadOnlyDictionary<string, PhaseResult> _results;
    private readonly Dictionary<(string Defense, string Attack, Exposure Exposure), CellGroup?> _groups = [];

    public Fold(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
        (Spec, _plan, _results) = (spec, plan, results);
        Undefended = spec.Defenses[0].Label;
        var baseline = Assessments(Undefended);
        ReferenceUtility = baseline.Count > 0 ? baseline.Values.Average(a => a.Utility.Average()) : double.NaN;
    }

    public TournamentSpec Spec { get; }

    /// <summary>Label of the baseline: the first defense.</summary>
    public string Undefended { get; }

    /// <summary>The undefended subject's mean utility before any attack; NaN when it was not measured.</summary>
    public double ReferenceUtility { get; }

    /// <summary>
    /// Attacks that played against the undefended subject, or still may: one that fails even there is marked in its cells and says nothing
    /// about a defense.
    /// </summary>
    public IReadOnlyList<Entrant> SoundAttacks => [.. Spec.Attacks.Where(attack => !_plan.Phases
        .Where(p => p.Kind == PhaseKind.Attack && p.Defense.Label == Undefended && p.Attack!.Label == attack.Label)
        .Any(p => _results.GetValueOrDefault(p.DefendPhaseId!)?.Status == PhaseStatus.Done && _results.TryGetValue(p.Id, out var result) && result.Status != PhaseStatus.Done))];

    /// <summary>Whether a defense released the undefended weights on every seed.</summary>
    public bool IsUnchanged(string defense)
    {
        var hashes = PhaseIds(defense, PhaseKind.Defend).Select(id => _results.GetValueOrDefault(id)?.WeightsHash).ToArray();
        return defense != Undefended && hashes.All(h => h is not null)
            && hashes.SequenceEqual(PhaseIds(Undefended, PhaseKind.Defend).Select(id => _results.GetValueOrDefault(id)?.WeightsHash));
    }

    /// <summary>Cells of a defense in plan order, seeds together.</summary>
    public IEnumerable<(Entrant Attack, Exposure Exposure, Cell[] Cells)> CellsOf(string defense) =>
        _plan.Cells.Where(c => c.Defense.Label == defense).GroupBy(c => (c.Attack.Label, c.Exposure)).Select(g => (g.First().Attack, g.Key.Exposure, g.ToArray()));

    /// <summary>The trajectories, when every seed was played; else null.</summary>
    public CellGroup? Group(string defense, string attack, Exposure exposure)
    {
        if (_groups.TryGetValue((defense, attack, exposure), out var known)) return known;
        var cells = _plan.Cells.Where(c => c.Defense.Label == defense && c.Attack.Label == attack && c.Exposure == exposure).ToArray();
        var trajectories = cells.Select(c => _results.GetValueOrDefault(c.AttackPhaseId)?.Trajectory).OfType<Trajectory>().ToArray();
        var group = trajectories.Length == cells.Length && cells.Length > 0 ? new CellGroup(trajectories, Spec.Thresholds, ReferenceUtility) : null;
        return _groups[(defense, attack, exposure)] = group;
    }

    /// <summary>Assessments by seed; those that are missing or failed are left out.</summary>
    public SortedDictionary<int, Assessment> Assessments(string defense) => new(
        _plan.Phases.Where(p => p.Kind == PhaseKind.Assess && p.Defense.Label == defense)
            .Select(p => (p.Seed, _results.GetValueOrDefault(p.Id)?.Assessment)).Where(p => p.Assessment is not null).ToDictionary(p => p.Seed, p => p.Assessment!));

    /// <summary>Assessments of a defense beside the undefended ones of the same seeds; null when a seed is missing on either side.</summary>
    public AssessmentGroup? AssessmentGroup(string defense)
    {
        var (own, baseline) = (Assessments(defense), Assessments(Undefended));
        return own.Count == Spec.Seeds.Count && own.Keys.All(baseline.ContainsKey)
            ? new AssessmentGroup([.. own.Values], [.. own.Keys.Select(s => baseline[s])])
            : null;
    }

    public IReadOnlyList<string> PhaseIds(string defense, PhaseKind kind) => [.. _plan.Phases.Where(p => p.Kind == kind && p.Defense.Label == defense).Select(p => p.Id)];

    public Spent SpentByDefense(string defense) =>
        PhaseIds(defense, PhaseKind.Defend).Select(id => _results.GetValueOrDefault(id)?.Spent).OfType<Spent>().FirstOrDefault() ?? new Spent();

    public PhaseResult? Result(string phaseId) => _results.GetValueOrDefault(phaseId);

    /// <summary>The first phase of these that did not end well, as status, code and a reason that names the seed; null when all did.</summary>
    public (CellStatus Status, string? Code, string Reason)? Failure(IEnumerable<(int Seed, string PhaseId)> phases)
    {
        foreach (var (seed, id) in phases)
        {
            if (!_results.TryGetValue(id, out var result)) return (CellStatus.Skipped, null, $"seed {seed}: not played yet");
            if (result.Status != PhaseStatus.Done) return (Status(result.Status), result.Code, $"seed {seed}: {result.Reason}");
        }

        return null;
    }

    private static CellStatus Status(PhaseStatus status) => status switch
    {
        PhaseStatus.Timeout => CellStatus.Timeout,
        PhaseStatus.Invalid => CellStatus.Invalid,
        PhaseStatus.Skipped => CellStatus.Skipped,
        _ => CellStatus.Error,
    };
}
