using Titer.Models.Checkpoints;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Runtime.Play;

/// <summary>Hears what a running tournament does. Called from one thread at a time.</summary>
public interface IRunObserver
{
    void Started(Phase phase);

    void Progressed(Phase phase, PhaseProgress progress);

    void Finished(Phase phase, PhaseResult result);
}

/// <summary>Where the things that a plan names lie on this machine.</summary>
public sealed record RunAssets
{
    public required string Scenario { get; init; }

    /// <summary>Folder of the subject's checkpoint: what defended weights must match.</summary>
    public required string SubjectFolder { get; init; }

    /// <summary>Plugin folder by entrant id.</summary>
    public required IReadOnlyDictionary<string, string> DefenseFolders { get; init; }

    /// <inheritdoc cref="DefenseFolders"/>
    public required IReadOnlyDictionary<string, string> AttackFolders { get; init; }
}

/// <summary>
/// Plays the phases of a plan that have no result yet, <paramref name="lanes"/> at a time. A defense is computed once; its attacks start as
/// soon as its weights are there. Defended weights are checked against the subject before anything else sees them.
/// </summary>
public sealed class TournamentRunner(IPhaseExecutor executor, RunFolder folder, RunAssets assets, int lanes)
{
    private readonly ResultStore _store = new(folder);
    private readonly Lock _observing = new();

    /// <summary>Returns all results, stored ones included. Draining lets running phases finish; aborting kills them.</summary>
    public async Task<IReadOnlyDictionary<string, PhaseResult>> PlayAsync(
        TournamentSpec spec, TournamentPlan plan, IRunObserver observer, CancellationToken drain, CancellationToken abort)
    {
        var results = _store.Load(plan);
        var pending = new LinkedList<Phase>(Missing(plan, results));
        ReplayLostDefenses(plan, results, pending);
        var running = new Dictionary<Task<PhaseResult>, Phase>();
        while (true)
        {
            while (!drain.IsCancellationRequested && running.Count < lanes && TakeReady(pending, results) is { } phase)
            {
                lock (_observing) observer.Started(phase);
                running.Add(Task.Run(() => PlayPhaseAsync(spec, phase, results.GetValueOrDefault(phase.DefendPhaseId ?? ""), observer, abort), CancellationToken.None), phase);
            }

            if (running.Count == 0) return results;
            var finished = await Task.WhenAny(running.Keys);
            running.Remove(finished, out var played);
            try
            {
                results[played!.Id] = _store.Commit(await finished);
            }
            catch (OperationCanceledException)
            {
                continue;
            }

            lock (_observing) observer.Finished(played, results[played.Id]);
        }
    }

    /// <summary>Phases without a result, but for those that a failed defense makes impossible.</summary>
    public static IEnumerable<Phase> Missing(TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results) => plan.Phases.Where(p =>
        !results.ContainsKey(p.Id) && !(p.DefendPhaseId is { } defend && results.TryGetValue(defend, out var defended) && defended.Status != PhaseStatus.Done));

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

    /// <summary>The first phase that can start now; phases whose defense failed are dropped, the fold marks their cells.</summary>
    private static Phase? TakeReady(LinkedList<Phase> pending, Dictionary<string, PhaseResult> results)
    {
        for (var node = pending.First; node is not null;)
        {
            var (next, phase) = (node.Next, node.Value);
            if (phase.DefendPhaseId is null || results.TryGetValue(phase.DefendPhaseId, out _))
            {
                pending.Remove(node);
                if (phase.DefendPhaseId is null || results[phase.DefendPhaseId].Status == PhaseStatus.Done) return phase;
            }

            node = next;
        }

        return null;
    }

    private async Task<PhaseResult> PlayPhaseAsync(TournamentSpec spec, Phase phase, PhaseResult? defended, IRunObserver observer, CancellationToken abort)
    {
        using var scratch = ScratchFolder.Create();
        var order = new PhaseOrder
        {
            Phase = phase,
            Scenario = assets.Scenario,
            ScenarioHash = spec.ScenarioHash,
            Device = spec.Device,
            Limits = phase.Kind switch
            {
                PhaseKind.Defend => spec.DefenseLimits,
                PhaseKind.Attack => spec.AttackLimits,
                _ => spec.TrainabilityLimits,
            },
            PluginFolder = phase.Kind switch
            {
                PhaseKind.Defend => assets.DefenseFolders[phase.Defense.Id],
                PhaseKind.Attack => assets.AttackFolders[phase.Attack!.Id],
                _ => null,
            },
            WeightsFile = defended?.WeightsHash is { } hash ? folder.WeightsFile(hash) : null,
            OutputWeightsFile = phase.Kind == PhaseKind.Defend ? Path.Combine(scratch.Path, "model.safetensors") : null,
            ScratchFolder = scratch.Path,
        };
        var result = await executor.ExecuteAsync(order, new Events(this, phase, observer), abort);
        return phase.Kind == PhaseKind.Defend && result.Status == PhaseStatus.Done ? Adopt(phase, order, result) : result;
    }

    private PhaseResult Adopt(Phase phase, PhaseOrder order, PhaseResult result)
    {
        var problem = File.Exists(order.OutputWeightsFile)
            ? WeightsCheck.Compare(assets.SubjectFolder, order.OutputWeightsFile!)
            : "the worker left no weights file";
        return problem is null
            ? result with { WeightsHash = folder.AdoptWeights(order.OutputWeightsFile!) }
            : phase.Failed(PhaseStatus.Invalid, "TITER205", $"The defended weights were refused: {problem}. A defense changes values only, and leaves them finite: check its learning rate and losses.")
                with { Spent = result.Spent, WallSeconds = result.WallSeconds, PeakMemoryMegabytes = result.PeakMemoryMegabytes };
    }

    private sealed class Events(TournamentRunner runner, Phase phase, IRunObserver observer) : IPhaseEvents
    {
        public void Report(PhaseProgress progress)
        {
            lock (runner._observing) observer.Progressed(phase, progress);
        }

        public void Log(PhaseLogLine line) => runner.AppendLog(phase, line);
    }

    private void AppendLog(Phase phase, PhaseLogLine line) => folder.AppendLog(phase.Id, line);
}
