namespace Titer.Tournament;

/// <summary>
/// Phases that lack nothing but a worker, in the order of the plan. Defenses, attacks, and phases that were returned, can be passed over without
/// looking at each of them.
/// </summary>
internal sealed class ReadyPhases
{
    private readonly Dictionary<string, int> _places = [];
    private readonly HashSet<string> _returned = [];
    private readonly Dictionary<(bool IsReturned, PhaseKind Kind), SortedDictionary<int, Phase>> _ready = [];
    private int _next;

    public IEnumerable<Phase> All =>
        _ready.Values.SelectMany(r => r).OrderBy(r => r.Key).Select(r => r.Value);

    public bool HasDefense => _ready.Any(r => r.Key.Kind == PhaseKind.Defend && r.Value.Count > 0);

    /// <summary>Gives a phase its place, once.</summary>
    public void Place(Phase phase) => _places.TryAdd(phase.Id, _next++);

    /// <summary>From here on it comes last, and only alone.</summary>
    public void Return(Phase phase)
    {
        _returned.Add(phase.Id);
        _places[phase.Id] = _next++;
    }

    public void Add(Phase phase) => Of(phase)[_places[phase.Id]] = phase;

    /// <returns>Whether it was there.</returns>
    public bool Remove(Phase phase) => Of(phase).Remove(_places[phase.Id]);

    /// <summary>Takes the first out; null when there is none.</summary>
    public Phase? Take(bool withAttacks, bool withReturned, bool withDefenses = true)
    {
        SortedDictionary<int, Phase>? first = null;
        var place = int.MaxValue;
        foreach (var ((isReturned, kind), phases) in _ready)
        {
            var counts = (withReturned || !isReturned) && (withAttacks || kind != PhaseKind.Attack) && (withDefenses || kind != PhaseKind.Defend);
            if (!counts || phases.Count == 0) continue;
            // The smallest key: the enumerator goes down one branch of the tree.
            var key = phases.First().Key;
            if (key < place) (first, place) = (phases, key);
        }

        if (first is null) return null;
        var phase = first[place];
        first.Remove(place);
        return phase;
    }

    private SortedDictionary<int, Phase> Of(Phase phase)
    {
        var key = (_returned.Contains(phase.Id), phase.Kind);
        return _ready.TryGetValue(key, out var ready) ? ready : _ready[key] = [];
    }
}
