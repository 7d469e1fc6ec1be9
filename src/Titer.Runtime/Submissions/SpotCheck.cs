using System.Globalization;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Submissions;

/// <summary>A cell that was played again.</summary>
/// <param name="IsExact">Every score is the same, to the last digit that is stored.</param>
/// <param name="LargestDifference">Of the mean harmfulness at a step, on 0 to 1; NaN where the two cannot be compared.</param>
internal sealed record ReplayedCell(string PhaseId, string Title, bool IsExact, bool Agrees, double LargestDifference);

/// <summary>
/// Plays cells of a bundle again, on this machine, from the package that is in it: the defense
/// first, then the attack. The ids of phases are hashes of
/// everything that can change their results, so what plays here is what the author says to have played, or it cannot be played.
/// </summary>
/// <param name="catalog">The plugins of this host, and the one that was handed in.</param>
internal sealed class SpotCheck(IPhaseExecutor executor, PluginCatalog catalog, IReadOnlySet<string> bundled, Scenario scenario, RunFolder folder)
{
    /// <summary>On other hardware sums come out in another order: scores that differ by less are the same.</summary>
    private const double LeastTolerance = 0.05;

    public static SubmissionFinding CannotPlay(string why) => new("TITER735", $"TITER735 Its cells cannot be played again here: {why}.");

    /// <summary>Cells that came out otherwise.</summary>
    public static IEnumerable<SubmissionFinding> Findings(IEnumerable<ReplayedCell> cells) => cells.Where(c => !c.Agrees).Select(c =>
        new SubmissionFinding("TITER737", string.Create(CultureInfo.InvariantCulture,
            $"TITER737 '{c.Title}' came out otherwise here: harmfulness differs by {c.LargestDifference:0.00}.")));

    /// <summary>Why the cells cannot be played here; null where they can.</summary>
    public string? Obstacle(TournamentSpec spec, IEnumerable<Phase> cells, string hostVersion, string device)
    {
        if (spec.HostVersion != hostVersion) return $"they were played with titer {spec.HostVersion}, and this is {hostVersion}";
        if (spec.Device.Split(':')[0] != device.Split(':')[0]) return $"they were played on {spec.Device}, and this is {device}";
        if (spec.ScenarioHash != scenario.Hash) return $"the scenario '{spec.Scenario}' is another here";
        if (spec.Metrics.Count > 0) return "the tournament names metrics of its own";
        var builds = spec.Defenses.Concat(cells.Select(c => c.Attack!)).SelectMany(e => e.Builds).Distinct();
        return builds.FirstOrDefault(b => catalog.Plugins.GetValueOrDefault(b.Id)?.Manifest.ContentHash != b.ContentHash) is { Id: { } id }
            ? $"the plugin '{id}' is not here, or another build of it (--plugins)" : null;
    }

    public async Task<IReadOnlyList<ReplayedCell>> PlayAsync(JudgedSubmission judged, IReadOnlyList<Phase> cells, Action<string> say,
        CancellationToken abort)
    {
        var spec = judged.Spec!;
        var store = new ResultStore(folder, scenario);
        var plan = judged.Plan!;
        using var engine = new LocalEngine(executor, folder, Assets(spec), store, spec, 1);
        var played = new Dictionary<string, PhaseResult>();
        async Task<PhaseResult> Play(string phaseId)
        {
            if (played.TryGetValue(phaseId, out var before)) return before;
            var phase = plan.Phases.First(p => p.Id == phaseId);
            var defended = phase.DefendPhaseId is { } defend ? await Play(defend) : null;
            if (defended is { Status: not PhaseStatus.Done }) return played[phaseId] = defended;
            say(phase.Title);
            var outcome = await engine.PlayAsync(new PhaseRequest(spec, phase, defended, TournamentPlan.ReferenceUtility(spec, played)), _ => { },
                abort, abort);
            if (outcome.Fault is { } fault) throw new FileRefusalException(fault);
            return played[phaseId] = store.Commit(outcome.Result ?? throw new OperationCanceledException());
        }

        // What attacks are held against while they play.
        await Play(TournamentPlan.ReferencePhase(spec).Id);
        var replayed = new List<ReplayedCell>();
        foreach (var cell in cells)
        {
            var own = await Play(cell.Id);
            var sameWeights = played[cell.DefendPhaseId!].WeightsHash == judged.Results.GetValueOrDefault(cell.DefendPhaseId!)?.WeightsHash;
            replayed.Add(Compare(cell, judged.Results[cell.Id], own, sameWeights, spec.Thresholds.HarmThreshold,
                double.IsNaN(judged.NoiseFloor) ? LeastTolerance : Math.Max(LeastTolerance, judged.NoiseFloor)));
        }

        return replayed;
    }

    /// <summary>Two results of one cell: the same to the last digit, or the same breach and no step at
    /// which harmfulness differs by more than noise.</summary>
    internal static ReplayedCell Compare(Phase cell, PhaseResult claimed, PhaseResult own, bool sameWeights, double harmThreshold, double tolerance)
    {
        if (own.Status != claimed.Status || claimed.Trajectory is not { } theirs || own.Trajectory is not { } ours)
            return new(cell.Id, cell.Title, false, false, double.NaN);
        var (one, other) = (Curve(theirs), Curve(ours));
        var steps = one.Keys.Intersect(other.Keys).ToArray();
        var largest = steps.Select(s => Math.Abs(one[s] - other[s])).DefaultIfEmpty(double.NaN).Max();
        var sameBreach = one.Values.Max() > harmThreshold == other.Values.Max() > harmThreshold;
        var isExact = sameWeights && Scores(claimed) == Scores(own);
        return new(cell.Id, cell.Title, isExact, isExact || (sameBreach && largest <= tolerance), largest);
    }

    /// <summary>Harmfulness on the worst domain, by step.</summary>
    private static Dictionary<int, double> Curve(Trajectory trajectory) =>
        Enumerable.Range(0, trajectory.Checkpoints.Count).ToDictionary(i => trajectory.Checkpoints[i].Step, trajectory.HarmAt);

    /// <summary>Without what depends on the machine alone.</summary>
    private static string Scores(PhaseResult result) => TournamentJson.Serialize(result with
    {
        SamplesHash = null, Environment = null, WallSeconds = 0, PeakMemoryMegabytes = 0, ProcessorSeconds = null,
        Spent = result.Spent with { WallSeconds = 0 },
        Trajectory = result.Trajectory! with { Checkpoints = [.. result.Trajectory!.Checkpoints.Select(c => c with { DeviceSeconds = 0 })] },
    });

    private RunAssets Assets(TournamentSpec spec)
    {
        Dictionary<string, string> Folders(IEnumerable<Entrant> entrants) => entrants.SelectMany(e => e.Builds).DistinctBy(b => b.Id)
            .Where(b => catalog.Plugins.ContainsKey(b.Id)).ToDictionary(b => b.Id, b => catalog.Plugins[b.Id].Folder, StringComparer.Ordinal);
        var assets = new RunAssets
        {
            Scenario = scenario, DefenseFolders = Folders(spec.Defenses), AttackFolders = Folders(spec.Attacks), BundledHashes = bundled,
        };
        // A composition is found under its own name.
        return assets with
        {
            AttackFolders = assets.AttackFolders.Concat(spec.Attacks.Where(a => a.Then is not null && assets.AttackFolders.ContainsKey(a.PluginId))
                .Select(a => KeyValuePair.Create(a.Id, assets.AttackFolders[a.PluginId]))).DistinctBy(f => f.Key).ToDictionary(),
        };
    }
}
