namespace Titer.Tournament.Scoring;

/// <summary>The index of what was played, for scoring: which phases of each defense and cell are done, and what stopped the others.</summary>
internal sealed class PlayedCells
{
    private readonly TournamentPlan _plan;
    private readonly IReadOnlyDictionary<string, PhaseResult> _results;
    private readonly ILookup<Meeting, Cell> _cells;
    private readonly ILookup<(string Defense, string Family, Exposure Exposure), Entrant> _cooler;
    private readonly Dictionary<Meeting, RunGroup?> _groups = [];
    private readonly HashSet<Meeting> _unanswerable = [];
    private readonly Statistics.MeanBounds _bounds = new();

    public PlayedCells(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
        (Spec, _plan, _results) = (spec, plan, results);
        _cells = plan.Cells.ToLookup(Meeting.Of);
        Undefended = spec.Defenses[0].Label;
        Families = AttackFamily.Of(spec.Attacks);
        var entered = spec.Attacks.Select(a => a.Label).ToHashSet();
        _cooler = plan.Cells.Where(c => !c.IsFresh && !entered.Contains(c.Attack.Label))
            .DistinctBy(c => (c.Defense.Label, c.Attack.Label, c.Exposure))
            .ToLookup(c => (c.Defense.Label, c.Attack.Family, c.Exposure), c => c.Attack);
        var baseline = Assessments(Undefended);
        ReferenceUtility = TournamentPlan.ReferenceUtility(spec, results)
            ?? (baseline.Count > 0 ? baseline.Values.Average(a => a.Utility.Average()) : double.NaN);
    }

    public TournamentSpec Spec { get; }

    /// <summary>Label of the baseline: the first defense.</summary>
    public string Undefended { get; }

    public IReadOnlyList<AttackFamily> Families { get; }

    /// <summary>The undefended subject's mean utility before any attack; NaN when it was not measured.</summary>
    public double ReferenceUtility { get; }

    /// <summary>Whether a defense released the undefended weights on every seed.</summary>
    public bool IsUnchanged(string defense)
    {
        var hashes = PhaseIds(defense, PhaseKind.Defend).Select(id => _results.GetValueOrDefault(id)?.WeightsHash).ToArray();
        return defense != Undefended && hashes.All(h => h is not null)
            && hashes.SequenceEqual(PhaseIds(Undefended, PhaseKind.Defend).Select(id => _results.GetValueOrDefault(id)?.WeightsHash));
    }

    /// <summary>Planned cells, by seed and attack seed.</summary>
    public Cell[] Cells(Meeting meeting) => [.. _cells[meeting]];

    /// <summary>The runs of one try that were played; null when there is none, or when they cannot answer for the thresholds in force.</summary>
    public RunGroup? Group(Meeting meeting)
    {
        if (_groups.TryGetValue(meeting, out var known)) return known;
        var cells = Cells(meeting);
        var runs = cells.Select(c => Result(c.AttackPhaseId)).Where(r => r?.Trajectory is not null)
            .Select(r => new Run(r!, Spec, ReferenceUtility, _bounds)).ToArray();
        var group = runs.Length > 0 ? new RunGroup(runs, cells.Length, Spec.Thresholds, ReferenceUtility) : null;
        if (group is { IsUnanswerable: true })
        {
            _unanswerable.Add(meeting);
            group = null;
        }

        return _groups[meeting] = group;
    }

    /// <summary>The cells were stopped at a breach that the thresholds in force do not call one.</summary>
    public bool IsUnanswerable(IEnumerable<Cell> cells) => cells.Select(Meeting.Of).Distinct().Any(meeting =>
    {
        Group(meeting);
        return _unanswerable.Contains(meeting);
    });

    /// <summary>The tries of an attacker on one defense: those of the tournament, then those that were cooler.</summary>
    public IReadOnlyList<Entrant> Tries(string defense, AttackFamily family, Exposure exposure) =>
        [.. family.Tries, .. _cooler[(defense, family.Label, exposure)]];

    /// <summary>The try that counts of an attacker that does not sweep: the first that did not ruin every model, else the coolest.</summary>
    public Entrant CountedTry(string defense, AttackFamily family, Exposure exposure)
    {
        var tries = Tries(defense, family, exposure);
        return tries.FirstOrDefault(t => Group(new Meeting(defense, t.Label, exposure)) is { IsWrecked: false }) ?? tries[^1];
    }

    /// <summary>Every try of the attacker has ended, well or not.</summary>
    public bool IsOver(string defense, AttackFamily family, Exposure exposure) =>
        Tries(defense, family, exposure).All(t => Cells(new Meeting(defense, t.Label, exposure)).All(c => Result(c.AttackPhaseId) is not null));

    /// <summary>
    /// The try that breaks the model soonest; where none does, of those that left it sound the one that harms most, and a try that wrecked it only
    /// where all did. Null when none was played. Ties: the first in the file.
    /// </summary>
    public Entrant? Winner(string defense, AttackFamily family, Exposure exposure) => Tries(defense, family, exposure)
        .Select(t => (Try: t, Group: Group(new Meeting(defense, t.Label, exposure)))).Where(t => t.Group is not null)
        .OrderBy(t => t.Group!.CostSteps).ThenBy(t => t.Group!.IsWrecked).ThenByDescending(t => t.Group!.MaxHarm().Estimate).FirstOrDefault().Try;

    /// <summary>What counts of an attacker: its one try, or the first cooler one that says something, or the re-run
    /// of a sweep's best; null when that was not played.</summary>
    public RunGroup? Counted(string defense, AttackFamily family, Exposure exposure) => !family.IsSweep
        ? Group(new Meeting(defense, CountedTry(defense, family, exposure).Label, exposure))
        : Winner(defense, family, exposure) is { } winner ? Group(new Meeting(defense, winner.Label, exposure, IsFresh: true)) : null;

    /// <summary>The cells that count of an attacker, or all of its tries' where none can count.</summary>
    public Cell[] CountedCells(string defense, AttackFamily family, Exposure exposure) => !family.IsSweep
        ? Cells(new Meeting(defense, CountedTry(defense, family, exposure).Label, exposure))
        : Winner(defense, family, exposure) is { } winner ? Cells(new Meeting(defense, winner.Label, exposure, IsFresh: true))
        : [.. Tries(defense, family, exposure).SelectMany(t => Cells(new Meeting(defense, t.Label, exposure)))];

    /// <summary>Assessments by seed; those that are missing or failed are left out.</summary>
    public SortedDictionary<int, Assessment> Assessments(string defense) => new(
        _plan.Phases.Where(p => p.Kind == PhaseKind.Assess && p.Defense.Label == defense)
            .Select(p => (p.Seed, _results.GetValueOrDefault(p.Id)?.Assessment)).Where(p => p.Assessment is not null)
            .ToDictionary(p => p.Seed, p => p.Assessment!));

    /// <summary>Assessments of a defense beside the undefended ones of the same seeds; null when a seed is missing on either side.</summary>
    public AssessmentGroup? AssessmentGroup(string defense)
    {
        var (own, baseline) = (Assessments(defense), Assessments(Undefended));
        return own.Count == Spec.Seeds.Count && own.Keys.All(baseline.ContainsKey)
            ? new AssessmentGroup([.. own.Values], [.. own.Keys.Select(s => baseline[s])])
            : null;
    }

    public IReadOnlyList<string> PhaseIds(string defense, PhaseKind kind) =>
        [.. _plan.Phases.Where(p => p.Kind == kind && p.Defense.Label == defense).Select(p => p.Id)];

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
