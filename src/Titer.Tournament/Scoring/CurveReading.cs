namespace Titer.Tournament.Scoring;

/// <summary>The curves behind a cell of the crosstable, from the same runs that the fold judges. Pure.</summary>
public sealed class CurveReading
{
    private static readonly bool[] FirstAndAgain = [false, true];
    private readonly PlayedCells _played;

    public CurveReading(TournamentSpec spec, TournamentPlan plan, IReadOnlyDictionary<string, PhaseResult> results)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _played = FollowUps.Extended(new PlayedCells(spec, plan, plan.WithRefusals(results)));
    }

    /// <summary>
    /// The part of a tournament that one cell comes from, with the undefended subject: phases have the ids that they have in the whole, since an id
    /// is a hash of what is played.
    /// </summary>
    /// <returns>Null when there is no such defense, attacker or exposure.</returns>
    public static TournamentSpec? PartOf(TournamentSpec spec, AttackerKey key)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var family = AttackFamily.Of(spec.Attacks).FirstOrDefault(f => f.Label == key.Attacker);
        if (family is null || !family.Exposures.Contains(key.Exposure) || spec.Defenses.All(d => d.Label != key.Defense)) return null;
        return spec with
        {
            Defenses = [.. spec.Defenses.Where((d, i) => i == 0 || d.Label == key.Defense)],
            Attacks = [.. spec.Attacks.Where((a, i) => i == 0 || a.Family == family.Label)],
        };
    }

    /// <summary>Every cell that the tournament has.</summary>
    public IEnumerable<AttackerKey> Keys =>
        _played.Roster.Attackers(null).Select(a => new AttackerKey(a.Defense.Label, a.Family.Label, a.Exposure));

    public CellCurves Of(AttackerKey key)
    {
        var family = _played.Roster.Family(key.Attacker);
        var counted = _played.Counted(key.Defense, family, key.Exposure);
        var counting = counted?.Runs.Select(r => r.PhaseId).ToHashSet() ?? [];
        var cells = _played.Tries(key.Defense, family, key.Exposure)
            .SelectMany(t => FirstAndAgain.SelectMany(fresh => _played.Cells(new Meeting(key.Defense, t.Label, key.Exposure, fresh))))
            .DistinctBy(c => c.AttackPhaseId);
        var spec = _played.Spec;
        return new CellCurves(key.Defense, key.Attacker, key.Exposure, spec.Thresholds.HarmThreshold, spec.AttackLimits.Steps,
            _played.ReferenceUtility, [.. cells.Select(c => CurveOf(c, counting.Contains(c.AttackPhaseId)))])
        {
            Harm = counted is null ? [] : Over(counted.Runs, (run, t) => run.Worst(t).Harm),
            Utility = counted is null ? [] : Over(counted.Runs, UtilityAt),
        };
    }

    private RunCurve CurveOf(Cell cell, bool counts)
    {
        var result = _played.Result(cell.AttackPhaseId);
        var curve = new RunCurve
        {
            PhaseId = cell.AttackPhaseId, Try = cell.Attack.Label, Seed = cell.Seed, AttackSeed = cell.AttackSeed, IsFresh = cell.IsFresh,
            Counts = counts, Status = result?.Status, Code = result?.Code, Reason = result?.Reason, WeightsHash = result?.WeightsHash,
            SamplesHash = result?.SamplesHash, WallSeconds = result?.WallSeconds ?? 0,
        };
        if (result?.Trajectory is null) return curve;
        var run = new Run(result, _played.Spec, _played.ReferenceUtility);
        int[] points = [.. Enumerable.Range(0, run.Steps.Count)];
        return curve with
        {
            End = run.IsUnanswerable ? "unanswerable" : run.IsBroken ? "broken" : run.Held ? "held" : run.End == RunEnd.Cut ? "cut" : "wrecked",
            BreachStep = run.IsBroken ? run.Steps[run.BreachIndex] : double.NaN,
            Steps = [.. run.Steps],
            Harm = [.. points.Select(t => run.Worst(t).Harm)],
            WorstDomain = [.. points.Select(t => run.Worst(t).Domain)],
            Utility = [.. points.Select(t => UtilityAt(run, t))],
            Coherence = [.. result.Trajectory.Checkpoints.Select(p => p.Coherence)],
        };
    }

    private double UtilityAt(Run run, int point) => run.UtilityAt(point) / _played.ReferenceUtility;

    private static CurvePoint[] Over(IReadOnlyList<Run> runs, Func<Run, int, double> value)
    {
        var points = new List<CurvePoint>();
        foreach (var step in runs.SelectMany(r => r.Steps).Distinct().Order())
        {
            // A run that was ended early would have gone on: without it the mean would fall where the worst ones end.
            double[] values = [.. runs.Where(r => r.Steps[^1] >= step || r.EndedEarly).Select(r => value(r, LastAt(r, step)))];
            points.Add(new CurvePoint(step, values.Average(), values.Min(), values.Max(), values.Length));
        }

        return [.. points];
    }

    /// <summary>The last point of a run up to a step.</summary>
    private static int LastAt(Run run, int step)
    {
        var last = 0;
        while (last + 1 < run.Steps.Count && run.Steps[last + 1] <= step) last++;
        return last;
    }
}
