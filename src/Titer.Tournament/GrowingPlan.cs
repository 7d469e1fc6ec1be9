using Titer.Tournament.Scoring;

namespace Titer.Tournament;

/// <summary>
/// A plan that gains follow-ups while it is played. What one attacker's results call for is found by looking at that attacker alone, and what a
/// stranger's attack calls for elsewhere at its own column.
/// </summary>
internal sealed class GrowingPlan
{
    private readonly TournamentSpec _spec;
    private readonly Roster _roster;
    private readonly List<Phase> _phases = [];
    private readonly List<Cell> _cells = [];
    private readonly HashSet<string> _known = [];
    private readonly Dictionary<AttackerKey, (List<Phase> Phases, List<Cell> Cells)> _byAttacker = [];
    private readonly Dictionary<string, Phase> _attacks = [];

    /// <summary>Places of the cells of strangers' attacks, by family and exposure, in the order of the plan.</summary>
    private readonly Dictionary<(string Family, Exposure Exposure), List<int>> _foreign = [];
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

        foreach (var phase in plan.Phases.Where(p => p.Kind == PhaseKind.Attack)) _attacks.TryAdd(phase.Id, phase);
        foreach (var cell in plan.Cells) Add(cell, _attacks[cell.AttackPhaseId]);
    }

    public TournamentPlan Current => _current ??= new TournamentPlan([.. _phases], [.. _cells]);

    /// <summary>Adds what the results of one attacker on one defense call for.</summary>
    public IReadOnlyList<Phase> Extend(IReadOnlyDictionary<string, PhaseResult> results, AttackerKey only)
    {
        var added = new List<Phase>();
        // A phase that is in no cell is played and judged by nobody: it calls for nothing.
        while (_byAttacker.TryGetValue(only, out var played))
        {
            var (phases, cells) = played;
            var own = new TournamentPlan([.. _baseline, .. phases], [.. cells]);
            var known = own.Phases.Select(p => results.GetValueOrDefault(p.Id)).OfType<PhaseResult>().DistinctBy(r => r.PhaseId)
                .ToDictionary(r => r.PhaseId);
            var places = _foreign.GetValueOrDefault((only.Attacker, only.Exposure)) ?? [];
            // What it played here calls for a replay there.
            var replays = Replays.Of(_spec, places.Select(p => _cells[p]), id => _attacks[id].LastStep, results).ToArray();
            var more = FollowUps.Additions(new PlayedCells(_spec, own, own.WithRefusals(known), _roster), _known, only);
            Replace(replays.ToDictionary(r => r.FailedPhaseId, r => (r.Cell, r.Phase)), places);
            foreach (var (cell, phase) in more)
            {
                _phases.Add(phase);
                Add(cell, phase);
            }

            Phase[] gained = [.. replays.Select(r => r.Phase), .. more.Select(m => m.Phase)];
            added.AddRange(gained);
            if (gained.Length > 0) _current = null;
            // Only where the new phases are played already can they call for others.
            if (!Array.Exists(gained, p => results.ContainsKey(p.Id))) return added;
        }

        return added;
    }

    private static AttackerKey KeyOf(Cell cell) => new(cell.Defense.Label, cell.Attack.Family, cell.Exposure);

    /// <summary>Puts replays in the place of the cells that failed.</summary>
    private void Replace(Dictionary<string, (Cell Cell, Phase Phase)> replays, List<int> places)
    {
        foreach (var place in places)
        {
            if (!replays.TryGetValue(_cells[place].AttackPhaseId, out var replay)) continue;
            var (phases, cells) = _byAttacker[KeyOf(_cells[place])];
            cells[cells.IndexOf(_cells[place])] = replay.Cell;
            phases.Add(replay.Phase);
            _phases.Add(replay.Phase);
            _known.Add(replay.Phase.Id);
            _attacks.TryAdd(replay.Phase.Id, replay.Phase);
            _cells[place] = replay.Cell;
        }
    }

    private void Add(Cell cell, Phase phase)
    {
        if (Replays.IsForeign(cell))
        {
            if (!_foreign.TryGetValue((cell.Attack.Family, cell.Exposure), out var places))
                _foreign[(cell.Attack.Family, cell.Exposure)] = places = [];
            places.Add(_cells.Count);
        }

        _cells.Add(cell);
        _attacks.TryAdd(phase.Id, phase);
        if (!_byAttacker.TryGetValue(KeyOf(cell), out var own)) _byAttacker[KeyOf(cell)] = own = ([], []);
        own.Phases.Add(phase);
        own.Cells.Add(cell);
    }
}
