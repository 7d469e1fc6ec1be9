using Titer.Models.Checkpoints;
using Titer.Runtime.Phases;
using Titer.Runtime.Plugins;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Runtime.Play;

/// <summary>Hears what a running tournament does. Called from one thread at a time.</summary>
public interface IRunObserver
{
    /// <summary>More phases than the plan had: the winner of a sweep plays again.</summary>
    void Added(IReadOnlyList<Phase> phases)
    {
    }

    void Started(Phase phase);

    void Progressed(Phase phase, PhaseProgress progress);

    void Finished(Phase phase, PhaseResult result);
}

/// <summary>What a run came to.</summary>
/// <param name="Spec">The tournament, with the plugins marked that were set aside on the way.</param>
/// <param name="Results">By phase id, stored ones included.</param>
/// <param name="PutBack">Result files that something other than this run changed, and that were written again.</param>
public sealed record RunOutcome(TournamentSpec Spec, IReadOnlyDictionary<string, PhaseResult> Results, IReadOnlyList<string> PutBack);

/// <summary>
/// Plays the phases of a plan that have no result yet, <paramref name="lanes"/> at a time. A defense is computed once; its attacks start as
/// soon as its weights are there. Defended weights are checked against the subject before anything else sees them.
/// </summary>
public sealed class TournamentRunner(IPhaseExecutor executor, RunFolder folder, RunAssets assets, Quarantine quarantine, int lanes)
{
    private readonly ResultStore _store = new(folder);
    private readonly CrashStreaks _streaks = new(quarantine);
    private readonly List<QuarantineEntry> _setAside = [];
    private readonly HashSet<Phase> _running = [];
    private readonly Lock _observing = new();

    /// <summary>Draining lets running phases finish; aborting kills them.</summary>
    public async Task<RunOutcome> PlayAsync(TournamentSpec spec, TournamentPlan plan, IRunObserver observer, CancellationToken drain, CancellationToken abort)
    {
        using var parts = new ScenarioParts(assets.Scenario);
        var devices = new DeviceLanes(spec.Device, VisibleGpus.Count());
        var results = _store.Load(plan);
        var pending = new LinkedList<Phase>(Missing(plan, results));
        ReplayLostDefenses(plan, results, pending);
        var running = new Dictionary<Task<PhaseResult>, Phase>();
        while (true)
        {
            while (!drain.IsCancellationRequested && running.Count < lanes && TakeReady(spec, pending, results) is { } phase)
            {
                lock (_observing) observer.Started(phase);
                var order = new PhaseRequest(spec, phase, parts.FileFor(phase.Kind), results.GetValueOrDefault(phase.DefendPhaseId ?? ""), TournamentPlan.ReferenceUtility(spec, results), devices);
                _running.Add(phase);
                running.Add(Task.Run(() => PlayPhaseAsync(order, observer, abort), CancellationToken.None), phase);
            }

            if (running.Count == 0) return new RunOutcome(Marked(spec), results, _store.PutBack());
            var finished = await Task.WhenAny(running.Keys);
            running.Remove(finished, out var played);
            _running.Remove(played!);
            try
            {
                results[played!.Id] = _store.Commit(await finished);
            }
            catch (OperationCanceledException)
            {
                continue;
            }

            lock (_observing) observer.Finished(played, results[played.Id]);
            if (_streaks.Note(played, results[played.Id]) is { } entry) _setAside.Add(entry);
            plan = WithReruns(spec, plan, results, pending, observer);
        }
    }

    /// <summary>Phases without a result, but for those of refused plugins and those that a failed defense makes impossible. No run is left out for what others showed.</summary>
    public static IEnumerable<Phase> Missing(TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results) =>
        plan.Phases.Where(p => !results.ContainsKey(p.Id) && TournamentPlan.RefusalOf(p) is null
            && !(p.DefendPhaseId is { } defend && results.TryGetValue(defend, out var defended) && defended.Status != PhaseStatus.Done));

    private TournamentPlan WithReruns(TournamentSpec spec, TournamentPlan plan, Dictionary<string, PhaseResult> results, LinkedList<Phase> pending, IRunObserver observer)
    {
        var extended = SweepReruns.Extend(spec, plan, plan.WithRefusals(results));
        if (extended.Phases.Count == plan.Phases.Count) return plan;
        var stored = _store.Load(extended);
        var added = extended.Phases.Skip(plan.Phases.Count).ToArray();
        foreach (var phase in added)
        {
            if (stored.TryGetValue(phase.Id, out var result)) results[phase.Id] = result;
            else pending.AddLast(phase);
        }

        lock (_observing) observer.Added([.. added.Where(p => !results.ContainsKey(p.Id))]);
        return extended;
    }

    /// <summary>A stored defense whose weights are gone is computed again when a phase still needs them.</summary>
    private void ReplayLostDefenses(TournamentPlan plan, Dictionary<string, PhaseResult> results, LinkedList<Phase> pending)
    {
        var needed = pending.Select(p => p.DefendPhaseId).OfType<string>().ToHashSet();
        foreach (var defend in plan.Phases.Where(p => needed.Contains(p.Id)))
        {
            if (!results.TryGetValue(defend.Id, out var result) || result.WeightsHash is not { } hash || File.Exists(folder.WeightsFile(hash))) continue;
            results.Remove(defend.Id);
            pending.AddFirst(defend);
        }
    }

    /// <summary>The first phase that can start now. Phases whose defense failed, or whose plugin was set aside, are dropped: the fold marks their cells.</summary>
    private Phase? TakeReady(TournamentSpec spec, LinkedList<Phase> pending, Dictionary<string, PhaseResult> results)
    {
        // While it is on its way attacks wait: a trajectory must know what counts as a sound model.
        var awaitsReference = spec.EarlyStopping is not null && TournamentPlan.ReferencePhase(spec).Id is var reference && pending.Concat(_running).Any(p => p.Id == reference);
        for (var node = pending.First; node is not null;)
        {
            var (next, phase) = (node.Next, node.Value);
            var defended = phase.DefendPhaseId is null ? null : results.GetValueOrDefault(phase.DefendPhaseId);
            if (CrashStreaks.PluginOf(phase) is { } plugin && IsSetAside(plugin))
            {
                pending.Remove(node);
            }
            else if (phase.DefendPhaseId is null || defended is not null)
            {
                var isPossible = defended is null or { Status: PhaseStatus.Done };
                var waits = awaitsReference && isPossible && phase.Kind == PhaseKind.Attack;
                if (!waits) pending.Remove(node);
                if (!waits && isPossible) return phase;
            }

            node = next;
        }

        return null;
    }

    private bool IsSetAside(Entrant entrant) => _setAside.Exists(e => e.Holds(entrant.Id, entrant.ContentHash));

    private TournamentSpec Marked(TournamentSpec spec) => spec with { Defenses = Marked(spec.Defenses), Attacks = Marked(spec.Attacks) };

    private Entrant[] Marked(IEnumerable<Entrant> entrants) =>
        [.. entrants.Select(e => _setAside.Find(s => s.Holds(e.Id, e.ContentHash)) is { } entry ? e with { Refusal = QuarantineRefusal.Of(entry) } : e)];

    private async Task<PhaseResult> PlayPhaseAsync(PhaseRequest request, IRunObserver observer, CancellationToken abort)
    {
        var phase = request.Phase;
        using var scratch = ScratchFolder.Create();
        var device = request.Devices.Take();
        var order = new PhaseOrder
        {
            Phase = phase,
            ScenarioPartFile = request.ScenarioPartFile,
            SubjectFolder = assets.Scenario.SubjectFolder,
            AdapterFolder = assets.Scenario.AdapterFolder,
            Device = device,
            Limits = phase.Kind switch
            {
                PhaseKind.Defend => request.Spec.DefenseLimits,
                PhaseKind.Attack => request.Spec.AttackLimits,
                _ => request.Spec.TrainabilityLimits,
            },
            PluginFolder = assets.PluginFolderOf(phase),
            RunsOnlyHostCode = assets.RunsOnlyHostCode(phase),
            WeightsFile = request.Defended?.WeightsHash is { } hash ? folder.WeightsFile(hash) : null,
            OutputWeightsFile = phase.Kind == PhaseKind.Defend ? Path.Combine(scratch.Path, "model.safetensors") : null,
            OutputSamplesFile = phase.Kind == PhaseKind.Defend ? null : Path.Combine(scratch.Path, "samples.jsonl.gz"),
            EarlyStopping = phase.Kind == PhaseKind.Attack ? request.Spec.EarlyStopping : null,
            ReferenceUtility = request.ReferenceUtility,
            ScratchFolder = scratch.Path,
        };
        PhaseResult result;
        try
        {
            result = await executor.ExecuteAsync(order, new PhaseLog(folder, phase, progress =>
            {
                lock (_observing) observer.Progressed(phase, progress);
            }), abort);
        }
        finally
        {
            request.Devices.Return(device);
        }

        if (result.Status != PhaseStatus.Done) return result;
        return phase.Kind == PhaseKind.Defend ? Adopt(phase, order, result) : result with { SamplesHash = folder.AdoptSamples(phase.Id, order.OutputSamplesFile) };
    }

    private PhaseResult Adopt(Phase phase, PhaseOrder order, PhaseResult result)
    {
        var problem = File.Exists(order.OutputWeightsFile)
            ? WeightsCheck.Compare(assets.Scenario.SubjectFolder, order.OutputWeightsFile!)
            : "the worker left no weights file";
        return problem is null
            ? result with { WeightsHash = folder.AdoptWeights(order.OutputWeightsFile!) }
            : phase.Failed(PhaseStatus.Invalid, "TITER205", $"The defended weights were refused: {problem}. A defense changes values only, and leaves them finite: check its learning rate and losses.")
                with { Spent = result.Spent, WallSeconds = result.WallSeconds, PeakMemoryMegabytes = result.PeakMemoryMegabytes };
    }

    private sealed record PhaseRequest(TournamentSpec Spec, Phase Phase, string ScenarioPartFile, PhaseResult? Defended, double? ReferenceUtility, DeviceLanes Devices);
}
