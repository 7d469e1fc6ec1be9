namespace Titer.Tournament;

/// <summary>
/// Phases that lack nothing but a worker, in the order of the plan. Attacks, and phases that were returned, can be passed over without looking
/// at each of them.
/// </summary>
internal sealed class ReadyPhases
{
    private readonly Dictionary<string, int> _places = [];
    private readonly HashSet<string> _returned = [];
    private readonly SortedDictionary<int, Phase> _others = [];
    private readonly SortedDictionary<int, Phase> _attacks = [];
    private readonly SortedDictionary<int, Phase> _returnedOthers = [];
    private readonly SortedDictionary<int, Phase> _returnedAttacks = [];
    private int _next;

    public IEnumerable<Phase> All =>
        new[] { _others, _attacks, _returnedOthers, _returnedAttacks }.SelectMany(r => r).OrderBy(r => r.Key).Select(r => r.Value);

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
    public Phase? Take(bool withAttacks, bool withReturned)
    {
        SortedDictionary<int, Phase>? first = null;
        var place = int.MaxValue;
        var kinds = new[]
        {
            (_others, true), (_attacks, withAttacks), (_returnedOthers, withReturned), (_returnedAttacks, withReturned && withAttacks),
        };
        foreach (var (phases, counts) in kinds)
        {
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

    private SortedDictionary<int, Phase> Of(Phase phase) => (_returned.Contains(phase.Id), phase.Kind == PhaseKind.Attack) switch
    {
        (false, false) => _others,
        (false, true) => _attacks,
        (true, false) => _returnedOthers,
        _ => _returnedAttacks,
    };
}
