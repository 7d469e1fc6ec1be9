using System.Runtime.InteropServices;
using Titer.Tournament.Scoring;

namespace Titer.Tournament;

/// <summary>
/// What of a plan is still to be played, and what can start now: resuming a run is making this from the results that are stored. A defense comes
/// before the phases that need its weights; attacks wait for the reference that they are held against; what a failed defense makes impossible,
/// and what a build that was set aside would play, is dropped. No run is left out for what others showed. Pure; used by one thread at a time.
/// </summary>
public sealed class PhaseQueue
{
    private readonly TournamentSpec _spec;
    private readonly Dictionary<string, PhaseResult> _results;
    private readonly Dictionary<string, int> _order = [];
    private readonly SortedDictionary<int, Phase> _ready = [];
    private readonly Dictionary<string, List<Phase>> _awaitingDefense = [];
    private readonly HashSet<string> _underWay = [];
    private readonly HashSet<string> _counted = [];
    private readonly HashSet<string> _returned = [];
    private readonly HashSet<(string Id, string ContentHash)> _setAside = [];
    private readonly Dictionary<AttackerKey, int> _left = [];
    private readonly bool _grows;
    private readonly string? _reference;
    private int _next;

    public PhaseQueue(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> stored)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(plan);
        (_spec, Plan, _results) = (spec, plan, new Dictionary<string, PhaseResult>(stored));
        _grows = FollowUps.ArePossible(spec);
        _reference = spec.EarlyStopping is null ? null : TournamentPlan.ReferencePhase(spec).Id;
        Index(plan.Phases);
        foreach (var phase in Missing(plan, _results).ToArray()) Add(phase);
    }

    public TournamentSpec Spec => _spec;

    /// <summary>Grows by what results call for: cooler tries, and winners of sweeps that play again.</summary>
    public TournamentPlan Plan { get; private set; }

    /// <summary>By phase id, stored ones included.</summary>
    public IReadOnlyDictionary<string, PhaseResult> Results => _results;

    /// <summary>Phases that were not started.</summary>
    public IEnumerable<Phase> Waiting => _ready.Values.Concat(_awaitingDefense.Values.SelectMany(p => p));

    /// <summary>Phases without a result, but for those of refused plugins and those that a failed defense makes impossible.</summary>
    public static IEnumerable<Phase> Missing(TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(results);
        return plan.Phases.Where(p => !results.ContainsKey(p.Id) && TournamentPlan.RefusalOf(p) is null
            && !(p.DefendPhaseId is { } defend && results.TryGetValue(defend, out var defended) && defended.Status != PhaseStatus.Done));
    }

    /// <summary>Takes the first phase that can start now; null when none can, now or ever.</summary>
    public Phase? Next()
    {
        // While it is on its way attacks wait: a trajectory must know what counts as a sound model.
        var awaitsReference = _reference is not null && !_results.ContainsKey(_reference) && IsLeft(_reference);
        foreach (var (place, phase) in _ready.ToArray())
        {
            if (awaitsReference && phase.Kind == PhaseKind.Attack && !IsSetAside(phase)) continue;
            // Whoever plays beside it may be what it lacked something for.
            if (_underWay.Count > 0 && _returned.Contains(phase.Id)) continue;
            _ready.Remove(place);
            if (IsSetAside(phase))
            {
                _awaitingDefense.Remove(phase.Id);
                continue;
            }

            _underWay.Add(phase.Id);
            return phase;
        }

        return null;
    }

    /// <summary>Takes a result in.</summary>
    /// <returns>Phases that the plan has gained by it: a cooler try, or the winner of a sweep once more.</returns>
    public IReadOnlyList<Phase> Finish(Phase phase, PhaseResult result)
    {
        ArgumentNullException.ThrowIfNull(phase);
        ArgumentNullException.ThrowIfNull(result);
        _underWay.Remove(phase.Id);
        _results[phase.Id] = result;
        if (_awaitingDefense.Remove(phase.Id, out var dependents) && result.Status == PhaseStatus.Done) dependents.ForEach(Add);
        return _grows && EndsAMeeting(phase) ? Extend(KeyOf(phase, phase.Attack!)) : [];
    }

    /// <summary>A phase that came to no result through no fault of its own goes to the end, and is played alone.</summary>
    public void Return(Phase phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _underWay.Remove(phase.Id);
        _returned.Add(phase.Id);
        _order[phase.Id] = _next++;
        Add(phase);
    }

    /// <summary>A phase that was taken and cannot start yet: its defense is played again before it.</summary>
    public void Wait(Phase phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _underWay.Remove(phase.Id);
        Add(phase);
    }

    /// <summary>A phase is given up for this run: it stays without a result.</summary>
    public void GiveUp(Phase phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _underWay.Remove(phase.Id);
        _awaitingDefense.Remove(phase.Id);
    }

    /// <summary>A result that does not hold is forgotten, and its phase is played again; phases that need a defense wait for it once more.</summary>
    public void Forget(Phase phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _results.Remove(phase.Id);
        foreach (var (place, dependent) in _ready.Where(r => r.Value.DefendPhaseId == phase.Id).ToArray())
        {
            _ready.Remove(place);
            Add(dependent);
        }

        if (!_underWay.Contains(phase.Id)) Add(phase);
    }

    /// <summary>Results of phases that were just added, from an earlier run.</summary>
    public void Adopt(IEnumerable<PhaseResult> stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        foreach (var result in stored)
        {
            _results[result.PhaseId] = result;
            _ready.Remove(_order[result.PhaseId]);
        }
    }

    /// <summary>Nothing more of this build is started.</summary>
    public void SetAside(string pluginId, string contentHash) => _setAside.Add((pluginId, contentHash));

    /// <summary>The last phase of an attacker on a defense: only then can more be called for.</summary>
    private bool EndsAMeeting(Phase phase) =>
        phase.Attack is { } attack && --CollectionsMarshal.GetValueRefOrAddDefault(_left, KeyOf(phase, attack), out _) <= 0;

    private static AttackerKey KeyOf(Phase phase, Entrant attack) => new(phase.Defense.Label, attack.Family, phase.Exposure);

    private bool IsSetAside(Phase phase) => phase.Player is { } player && _setAside.Contains((player.Id, player.ContentHash));

    private bool IsLeft(string phaseId) =>
        _underWay.Contains(phaseId) || _ready.ContainsKey(_order[phaseId]) || _awaitingDefense.Values.Any(p => p.Any(q => q.Id == phaseId));

    private void Add(Phase phase)
    {
        if (_counted.Add(phase.Id) && phase.Attack is { } attack) CollectionsMarshal.GetValueRefOrAddDefault(_left, KeyOf(phase, attack), out _)++;
        if (phase.DefendPhaseId is { } defend && !_results.ContainsKey(defend))
        {
            if (!_awaitingDefense.TryGetValue(defend, out var waiting)) _awaitingDefense[defend] = waiting = [];
            waiting.Add(phase);
            return;
        }

        _ready[_order[phase.Id]] = phase;
    }

    private Phase[] Extend(AttackerKey only)
    {
        var extended = FollowUps.Extend(_spec, Plan, Plan.WithRefusals(_results), only);
        if (extended.Phases.Count == Plan.Phases.Count) return [];
        Phase[] added = [.. extended.Phases.Skip(Plan.Phases.Count)];
        Index(added);
        Plan = extended;
        foreach (var phase in added.Where(p => !_results.ContainsKey(p.Id))) Add(phase);
        return added;
    }

    private void Index(IEnumerable<Phase> phases)
    {
        foreach (var phase in phases) _order.TryAdd(phase.Id, _next++);
    }
}
