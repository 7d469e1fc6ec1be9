using Titer.Tournament.Scoring;

namespace Titer.Tournament;

/// <summary>
/// A plan that gains follow-ups while it is played. What one attacker's results call for is found by looking at that attacker alone.
/// </summary>
internal sealed class GrowingPlan
{
    private readonly TournamentSpec _spec;
    private readonly Roster _roster;
    private readonly List<Phase> _phases = [];
    private readonly List<Cell> _cells = [];
    private readonly HashSet<string> _known = [];
    private readonly Dictionary<AttackerKey, (List<Phase> Phases, List<Cell> Cells)> _byAttacker = [];
    private readonly Phase[] _baseline;
    private TournamentPlan? _current;

    public GrowingPlan(TournamentSpec spec, TournamentPlan plan)
    {
        (_spec, _roster, _current) = (spec, new Roster(spec), plan);
        _phases.AddRange(plan.Phases);
        _known.UnionWith(plan.Phases.Select(p => p.Id));
        // Utility is held against the undefended subject's.
        _baseline = [.. plan.Phases.Where(p => p.Kind == PhaseKind.Assess && p.Defense.Label == spec.Defenses[0].Label)];
        if (!FollowUps.ArePossible(spec))
        {
            _cells.AddRange(plan.Cells);
            return;
        }

        var phases = plan.Phases.Where(p => p.Kind == PhaseKind.Attack).ToDictionary(p => p.Id);
        foreach (var cell in plan.Cells) Add(cell, phases[cell.AttackPhaseId]);
    }

    public TournamentPlan Current => _current ??= new TournamentPlan([.. _phases], [.. _cells]);

    /// <summary>Adds what the results of one attacker on one defense call for.</summary>
    public IReadOnlyList<Phase> Extend(IReadOnlyDictionary<string, PhaseResult> results, AttackerKey only)
    {
        var added = new List<Phase>();
        while (true)
        {
            var (phases, cells) = _byAttacker[only];
            var own = new TournamentPlan([.. _baseline, .. phases], cells);
            var known = own.Phases.Select(p => results.GetValueOrDefault(p.Id)).OfType<PhaseResult>().ToDictionary(r => r.PhaseId);
            var more = FollowUps.Additions(new PlayedCells(_spec, own, own.WithRefusals(known), _roster), _known, only);
            foreach (var (cell, phase) in more)
            {
                _phases.Add(phase);
                Add(cell, phase);
                added.Add(phase);
            }

            if (more.Count > 0) _current = null;
            // Only where the new phases are played already can they call for others.
            if (!more.Exists(m => results.ContainsKey(m.Phase.Id))) return added;
        }
    }

    private void Add(Cell cell, Phase phase)
    {
        _cells.Add(cell);
        var key = new AttackerKey(cell.Defense.Label, cell.Attack.Family, cell.Exposure);
        if (!_byAttacker.TryGetValue(key, out var own)) _byAttacker[key] = own = ([], []);
        own.Phases.Add(phase);
        own.Cells.Add(cell);
    }
}
