using System.Runtime.InteropServices;
using Titer.Tournament.Scoring;

namespace Titer.Tournament;

/// <summary>
/// What of a plan is still to be played, and what can start now: resuming a run is making this from the results that are stored. A defense comes
/// before the phases that need its weights; attacks wait for the reference that they are held against; what a failed defense makes impossible,
/// and what a build that was set aside would play, is dropped. No run is left out for what others showed. Taking a phase and finishing it costs
/// no more in a large tournament than in a small one. Pure; used by one thread at a time.
/// </summary>
public sealed class PhaseQueue
{
    private readonly TournamentSpec _spec;
    private readonly Dictionary<string, PhaseResult> _results;
    private readonly Dictionary<string, Phase> _phases = [];
    private readonly Dictionary<string, List<Phase>> _dependents = [];
    private readonly ReadyPhases _ready = new();
    private readonly Dictionary<string, List<Phase>> _awaitingDefense = [];
    private readonly HashSet<string> _waiting = [];
    private readonly HashSet<string> _underWay = [];
    private readonly HashSet<string> _counted = [];
    private readonly HashSet<(string Id, string ContentHash)> _setAside = [];
    private readonly Dictionary<AttackerKey, int> _left = [];
    private readonly GrowingPlan _plan;
    private readonly bool _grows;
    private readonly string _reference;

    public PhaseQueue(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> stored)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(plan);
        (_spec, _results) = (spec, new Dictionary<string, PhaseResult>(stored));
        _plan = new GrowingPlan(spec, plan);
        _grows = FollowUps.ArePossible(spec);
        _reference = TournamentPlan.ReferencePhase(spec).Id;
        Index(plan.Phases);
        foreach (var phase in Missing(plan, _results).ToArray()) Add(phase);
    }

    public TournamentSpec Spec => _spec;

    /// <summary>Grows by what results call for: cooler tries, next tries of searches, and winners that play again.</summary>
    public TournamentPlan Plan => _plan.Current;

    /// <summary>By phase id, stored ones included.</summary>
    public IReadOnlyDictionary<string, PhaseResult> Results => _results;

    /// <summary>Phases that were not started.</summary>
    public IEnumerable<Phase> Waiting => _ready.All.Concat(_awaitingDefense.Values.SelectMany(p => p));

    /// <summary>A defense could start now.</summary>
    public bool HasReadyDefense => _ready.HasDefense;

    /// <summary>A phase of the plan.</summary>
    public Phase PhaseOf(string id) => _phases[id];

    /// <summary>The phases that are played on the weights of a defend phase.</summary>
    public IReadOnlyList<Phase> DependentsOf(string defendPhaseId) => _dependents.GetValueOrDefault(defendPhaseId) ?? [];

    /// <summary>Phases without a result, but for those of refused plugins and those that a failed defense makes impossible.</summary>
    public static IEnumerable<Phase> Missing(TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(results);
        return plan.Phases.Where(p => !results.ContainsKey(p.Id) && TournamentPlan.RefusalOf(p) is null
            && !(p.DefendPhaseId is { } defend && results.TryGetValue(defend, out var defended) && defended.Status != PhaseStatus.Done));
    }

    /// <summary>Whether the reference is still to be played: until then nobody can tell a ruined model from a sound one.</summary>
    public static bool AwaitsReference(TournamentSpec spec, IReadOnlyDictionary<string, PhaseResult> results) =>
        Missing(new TournamentPlan([TournamentPlan.ReferencePhase(spec)], []), results).Any();

    /// <summary>Phases without a result that a queue would still play when builds were set aside.</summary>
    public static IEnumerable<Phase> Open(TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results, Func<Entrant, bool> isSetAside)
    {
        ArgumentNullException.ThrowIfNull(isSetAside);
        return Missing(plan, results).Where(p => !(p.Player is { } player && isSetAside(player))
            && !(p.DefendPhaseId is { } defend && !results.ContainsKey(defend) && isSetAside(p.Defense)));
    }

    /// <summary>Takes the first phase that can start now; null when none can, now or ever.</summary>
    /// <param name="withDefenses">False passes over those: there is no room for what they make.</param>
    public Phase? Next(bool withDefenses = true)
    {
        // While it is on its way attacks wait: a trajectory must know what counts as a sound model.
        var awaitsReference = _spec.EarlyStopping is not null && IsReferenceAwaited;
        // Whoever plays beside a phase that was returned may be what it lacked something for.
        while (_ready.Take(!awaitsReference, withReturned: _underWay.Count == 0, withDefenses) is { } phase)
        {
            _waiting.Remove(phase.Id);
            if (IsSetAside(phase))
            {
                Drop(phase.Id);
                continue;
            }

            _underWay.Add(phase.Id);
            return phase;
        }

        return null;
    }

    /// <summary>Takes a result in.</summary>
    /// <returns>Phases that the plan has gained by it: a cooler try, the next of a search, or a winner once more.</returns>
    public IReadOnlyList<Phase> Finish(Phase phase, PhaseResult result)
    {
        ArgumentNullException.ThrowIfNull(phase);
        ArgumentNullException.ThrowIfNull(result);
        var wasReferenceAwaited = IsReferenceAwaited;
        _underWay.Remove(phase.Id);
        _results[phase.Id] = result;
        if (result.Status != PhaseStatus.Done) Drop(phase.Id);
        else if (_awaitingDefense.Remove(phase.Id, out var dependents)) dependents.ForEach(Add);
        var endsAMeeting = EndsAMeeting(phase);
        // Whether an attack ruined its model is told by the reference: what a result calls for must not hang on which of them came first.
        if (!_grows || IsReferenceAwaited) return [];
        if (wasReferenceAwaited) return [.. Met().SelectMany(Extend)];
        return endsAMeeting ? Extend(KeyOf(phase, phase.Attack!)) : [];
    }

    /// <summary>Whether the plan has the phase.</summary>
    public bool Has(string phaseId) => _phases.ContainsKey(phaseId);

    /// <summary>A phase that was started under an earlier plan and is under way: it is not started again, and its result counts here too.</summary>
    public void Resume(string phaseId)
    {
        if (!_waiting.Remove(phaseId)) return;
        var phase = _phases[phaseId];
        _ready.Remove(phase);
        if (_awaitingDefense.GetValueOrDefault(phase.DefendPhaseId ?? "") is { } awaiting) awaiting.Remove(phase);
        _underWay.Add(phaseId);
    }

    /// <summary>A phase that came to no result through no fault of its own goes to the end, and is played alone.</summary>
    public void Return(Phase phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _underWay.Remove(phase.Id);
        _ready.Return(phase);
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
        Drop(phase.Id);
    }

    /// <summary>A result that does not hold is forgotten, and its phase is played again; phases that need a defense wait for it once more.</summary>
    public void Forget(Phase phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        _results.Remove(phase.Id);
        foreach (var dependent in DependentsOf(phase.Id).Where(_ready.Remove)) Add(dependent);
        if (!_underWay.Contains(phase.Id)) Add(phase);
    }

    /// <summary>Results of phases that were just added, from an earlier run.</summary>
    /// <returns>Phases that the plan has gained by them in turn.</returns>
    public IReadOnlyList<Phase> Adopt(IEnumerable<PhaseResult> stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var gained = new List<Phase>();
        foreach (var result in stored)
        {
            var phase = _phases[result.PhaseId];
            if (!_ready.Remove(phase)) continue;
            _waiting.Remove(phase.Id);
            gained.AddRange(Finish(phase, result));
        }

        return gained;
    }

    /// <summary>Nothing more of this build is started.</summary>
    public void SetAside(string pluginId, string contentHash) => _setAside.Add((pluginId, contentHash));

    /// <summary>The last phase of an attacker on a defense: only then can more be called for.</summary>
    private bool EndsAMeeting(Phase phase) =>
        phase.Attack is { } attack && --CollectionsMarshal.GetValueRefOrAddDefault(_left, KeyOf(phase, attack), out _) <= 0;

    private static AttackerKey KeyOf(Phase phase, Entrant attack) => new(phase.Defense.Label, attack.Family, phase.Exposure);

    private bool IsSetAside(Phase phase) => phase.Player is { } player && player.Builds.Any(_setAside.Contains);

    /// <summary>What waits for a defense that will not come.</summary>
    private void Drop(string defendPhaseId)
    {
        if (_awaitingDefense.Remove(defendPhaseId, out var dependents)) dependents.ForEach(d => _waiting.Remove(d.Id));
    }

    private void Add(Phase phase)
    {
        if (_counted.Add(phase.Id) && phase.Attack is { } attack) CollectionsMarshal.GetValueRefOrAddDefault(_left, KeyOf(phase, attack), out _)++;
        _waiting.Add(phase.Id);
        if (phase.DefendPhaseId is { } defend && !_results.ContainsKey(defend))
        {
            if (!_awaitingDefense.TryGetValue(defend, out var waiting)) _awaitingDefense[defend] = waiting = [];
            waiting.Add(phase);
            return;
        }

        _ready.Add(phase);
    }

    /// <summary>Attackers that have no phase left to play.</summary>
    private AttackerKey[] Met() => [.. _phases.Values.Where(p => p.Attack is not null).Select(p => KeyOf(p, p.Attack!)).Distinct()
        .Where(key => _left.GetValueOrDefault(key) <= 0)];

    private bool IsReferenceAwaited =>
        !_results.ContainsKey(_reference) && (_underWay.Contains(_reference) || _waiting.Contains(_reference));

    private IReadOnlyList<Phase> Extend(AttackerKey only)
    {
        var added = _plan.Extend(_results, only);
        Index(added);
        foreach (var phase in added.Where(p => !_results.ContainsKey(p.Id))) Add(phase);
        return added;
    }

    private void Index(IEnumerable<Phase> phases)
    {
        foreach (var phase in phases)
        {
            if (!_phases.TryAdd(phase.Id, phase)) continue;
            _ready.Place(phase);
            if (phase.DefendPhaseId is not { } defend) continue;
            if (!_dependents.TryGetValue(defend, out var dependents)) _dependents[defend] = dependents = [];
            dependents.Add(phase);
        }
    }
}
