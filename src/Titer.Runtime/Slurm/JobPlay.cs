using System.Diagnostics;
using Titer.Files;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Slurm;

/// <summary>How a job ended.</summary>
internal enum JobEnd
{
    /// <summary>Each of its phases has a result, or cannot have one.</summary>
    Done,

    /// <summary>It was told to begin nothing new, and has phases left.</summary>
    MoreToPlay,

    /// <summary>What a phase starts from is not there yet.</summary>
    Waits,

    /// <summary>The machine failed.</summary>
    Fault,

    Aborted,
}

/// <summary>
/// Plays the phases of one job beside others in the same results folder: each as a run on one machine plays it, committed once, by whoever comes
/// first. Began again after a requeue, it goes on at the first that has no result.
/// </summary>
internal sealed class JobPlay(IPhaseExecutor executor, RunFolder folder, RunAssets assets, TournamentSpec spec, TextWriter log)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly ResultStore _store = new(folder, assets.Scenario);
    private readonly StoredWeights _weights = new(folder);

    /// <summary>
    /// Ids of the phases that have a file, as of the last look: to look before every phase costs as much as there are phases, each time. What
    /// another job commits in between is at worst played twice, and committed once.
    /// </summary>
    private HashSet<string> _stored = [];
    private long? _looked;

    /// <summary>Finds on this machine what the job plays: the scenario where the tournament has it, plugins where the run keeps them.</summary>
    /// <param name="metricsOf">What scores, of the scenario as it lies here.</param>
    /// <exception cref="MachineFaultException">It is not there, or not the same.</exception>
    public static RunAssets AssetsOf(RunFolder folder, JobTournament tournament, Func<Scenario, RunMetrics> metricsOf)
    {
        var spec = tournament.Spec;
        Scenario scenario;
        try
        {
            scenario = Scenario.Open(spec.ScenarioSource ?? spec.Scenario);
        }
        catch (ScenarioException e)
        {
            throw new MachineFaultException("TITER254", $"The scenario cannot be opened on {Environment.MachineName}: {e.Message}", e);
        }

        if (scenario.Hash != spec.ScenarioHash)
            throw new MachineFaultException("TITER254", $"The scenario on {Environment.MachineName} is not the one that was submitted: its hash is {
                scenario.Hash[..12]}, not {spec.ScenarioHash[..12]}. Let all nodes see the same files, then run again.");
        return new RunAssets
        {
            Scenario = metricsOf(scenario).Scenario,
            DefenseFolders = PinnedPlugins.FoldersOf(spec.Defenses, e => folder.PluginFolder(e.PluginId, e.ContentHash)),
            AttackFolders = PinnedPlugins.FoldersOf(spec.Attacks, e => folder.PluginFolder(e.PluginId, e.ContentHash)),
            CheckpointFolders = tournament.CheckpointFolders,
            Programs = tournament.Programs,
            MetricFolders = spec.Metrics.Where(m => m.IsPlugin).DistinctBy(m => m.Id)
                .ToDictionary(m => m.Id, m => folder.PluginFolder(m.Id, m.ContentHash), StringComparer.Ordinal),
            BundledHashes = tournament.BundledHashes.ToHashSet(),
        };
    }

    public async Task<JobEnd> PlayAsync(IReadOnlyList<Phase> phases, CancellationToken drain, CancellationToken abort)
    {
        using var engine = new LocalEngine(executor, folder, assets, _store, spec, lanes: 1);
        var (hasPlayed, waits) = (false, false);
        foreach (var phase in phases)
        {
            // At least one each time: a warning that comes early would keep a job from ever coming to its phases.
            if (drain.IsCancellationRequested && hasPlayed) return JobEnd.MoreToPlay;
            if (abort.IsCancellationRequested) return JobEnd.Aborted;
            if (Request(phase, out var isNever) is not { } request)
            {
                waits |= !isNever;
                continue;
            }

            log.WriteLine($"{phase.Title}: started on {Environment.MachineName}.");
            var outcome = await engine.PlayAsync(request, _ => { }, drain, abort);
            hasPlayed = true;
            if (outcome is { Result: null, Fault: null }) return JobEnd.Aborted;
            if (outcome.Fault is { } fault)
            {
                log.WriteLine(VisibleText.OnOneLine(fault));
                return JobEnd.Fault;
            }

            var result = _store.Commit(outcome.Result!);
            _stored.Add(result.PhaseId);
            log.WriteLine(FormattableString.Invariant($"{phase.Title}: {result.Status} after {result.WallSeconds:0.0} s."));
        }

        return waits ? JobEnd.Waits : JobEnd.Done;
    }

    /// <summary>The phase with what it starts from; null when there is nothing to play, now or ever.</summary>
    /// <param name="isNever">It has a result, or can have none.</param>
    private PhaseRequest? Request(Phase phase, out bool isNever)
    {
        var reference = TournamentPlan.ReferencePhase(spec);
        Phase[] asked = [phase, .. DefenseOf(phase), reference, .. DefenseOf(reference)];
        if (_looked is not { } looked || Stopwatch.GetElapsedTime(looked) > LookAgain
            || asked.Any(p => p.Id != phase.Id && !_stored.Contains(p.Id)))
            (_stored, _looked) = (folder.StoredPhases(), Stopwatch.GetTimestamp());
        var results = _store.Load(spec, asked.DistinctBy(p => p.Id), stored: _stored);
        var defended = phase.DefendPhaseId is { } id ? results.GetValueOrDefault(id) : null;
        isNever = results.ContainsKey(phase.Id) || defended is { Status: not PhaseStatus.Done };
        if (isNever) return null;
        var needsReference = phase.Kind == PhaseKind.Attack && spec.EarlyStopping is not null && Awaited(reference, results);
        if ((phase.DefendPhaseId is not null && defended is null) || needsReference
            || (defended?.WeightsHash is { } hash && !_weights.Holds(hash, log.WriteLine)))
        {
            log.WriteLine($"{phase.Title}: what it starts from is not there yet.");
            return null;
        }

        return new PhaseRequest(spec, phase, defended, TournamentPlan.ReferenceUtility(spec, results));
    }

    /// <summary>The reference has no result, and can come to one.</summary>
    private static bool Awaited(Phase reference, Dictionary<string, PhaseResult> results) => !results.ContainsKey(reference.Id)
        && results.GetValueOrDefault(reference.DefendPhaseId!) is not { Status: not PhaseStatus.Done };

    /// <summary>The phase that makes the weights, as far as its result is read by it.</summary>
    private Phase[] DefenseOf(Phase phase) => phase.DefendPhaseId is null ? []
        : [.. TournamentPlan.From(spec with { Attacks = [], Defenses = [phase.Defense], Seeds = [phase.Seed] }).Phases
            .Where(p => p.Kind == PhaseKind.Defend)];
}
