using System.Globalization;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>What a phase of a short calibration took.</summary>
/// <param name="Bytes">That it left: weights, answers, its result.</param>
internal sealed record PhaseSample(Phase Phase, PhaseResult Result, long Bytes)
{
    public double WallSeconds => Result.WallSeconds;

    /// <summary>That the plugin was charged.</summary>
    public double OwnSeconds => Result.Spent.WallSeconds;

    /// <summary>The host's part: loading, measuring, keeping.</summary>
    /// <param name="stretch">Seconds on the wall for one that a plugin is charged.</param>
    public double HostSeconds(double stretch) => Math.Max(0, WallSeconds - OwnSeconds * stretch);

    /// <summary>Points at which the model was measured.</summary>
    public int Points => Math.Max(1, Result.Trajectory?.Checkpoints.Count ?? 1);
}

/// <summary>What a plan takes on this machine, from samples of its phases. Pure.</summary>
/// <param name="Phases">To be played, with those that results may call for.</param>
/// <param name="Megabytes">Resident, of all that plays at the same time.</param>
internal sealed record PlanEstimate(int Phases, double Seconds, double Megabytes, double DiskMegabytes)
{
    /// <summary>Of an attack's budget that is played where a run ends as broken: of 738 runs of the embedded scenario's default tournaments the
    /// mean was 0.56 of the points.</summary>
    private const double EarlyStoppingShare = 0.6;

    /// <summary>The same of a search's tries, which also end where the best so far was broken: 0.45 of the points in 84 of them.</summary>
    private const double SearchShare = 0.45;

    /// <summary>Of the process that plays the tournament.</summary>
    private const double HostMegabytes = 250;

    /// <param name="left">To be played.</param>
    /// <param name="more">Attack phases that results may call for.</param>
    /// <param name="samples">Of every plugin one where it could be played, with budgets of <paramref name="sampled"/> steps.</param>
    public static PlanEstimate Of(TournamentSpec spec, IReadOnlyCollection<Phase> left, int more,
        IReadOnlyCollection<PhaseSample> samples, (int Defense, int Attack) sampled, int lanes)
    {
        PhaseSample[] done = [.. samples.Where(s => s.Result.Status == PhaseStatus.Done)];
        var speed = HostSpeed.Of(done);
        Dictionary<string, PhaseSample> OfKind(PhaseKind kind) => done.Where(s => s.Phase.Kind == kind)
            .GroupBy(s => s.Phase.Player?.Id ?? "").ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var (defends, attacks, assess) = (OfKind(PhaseKind.Defend), OfKind(PhaseKind.Attack), OfKind(PhaseKind.Assess).GetValueOrDefault(""));
        (double Seconds, double Bytes)? Cost(Phase phase) => phase.Kind switch
        {
            PhaseKind.Assess => assess is null ? null : (assess.Result.WallSeconds, assess.Bytes),
            PhaseKind.Defend => defends.GetValueOrDefault(phase.Defense.Id) is { } sample
                ? ((phase.Defense.IsForeign || phase.Defense.Origin is not null ? sample.HostSeconds(speed.Stretch) : speed.Defend)
                    + speed.Stretch * Own(sample, spec.DefenseLimits.Steps, sampled.Defense),
                    sample.Bytes) : null,
            _ => attacks.GetValueOrDefault(phase.Attack!.Id) is { } sample ? AttackCost(spec, phase, sample, sampled.Attack, speed) : null,
        };
        var costs = left.Select(p => (Phase: p, Cost: Cost(p))).ToArray();
        // What could not be sampled takes what its kind takes.
        var usual = costs.Where(c => c.Cost is not null).GroupBy(c => c.Phase.Kind)
            .ToDictionary(g => g.Key, g => (Seconds: g.Average(c => c.Cost!.Value.Seconds), Bytes: g.Average(c => c.Cost!.Value.Bytes)));
        var again = costs.Where(c => c is { Phase.Attack.UsesHarmfulData: true, Cost: not null }).Select(c => c.Cost!.Value).ToArray();
        (double Seconds, double Bytes)[] all =
        [
            .. costs.Select(c => c.Cost ?? usual.GetValueOrDefault(c.Phase.Kind)),
            // Winners and tries of searches are attacks that train.
            .. Enumerable.Repeat(again.Length == 0 ? default : (again.Average(c => c.Seconds), again.Average(c => c.Bytes)), more),
        ];
        var longest = all.Length == 0 ? 0 : all.Max(c => c.Seconds);
        return new PlanEstimate(all.Length, Math.Max(longest, all.Sum(c => c.Seconds) / lanes),
            HostMegabytes + Math.Min(lanes, Math.Max(1, all.Length)) * samples.Max(s => s.Result.PeakMemoryMegabytes),
            all.Sum(c => c.Bytes) / 1e6);
    }

    /// <summary>What does not fit into what this machine has free: facts with their fix, a line each.</summary>
    public IEnumerable<string> Problems(double freeMegabytes, double freeDiskMegabytes, int lanes)
    {
        if (Megabytes > freeMegabytes)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"TITER669 The run needs about {Megabytes:0} MB of memory, {freeMegabytes
                :0} MB are free. Play fewer phases at the same time (--lanes, now {lanes}), or end what uses it.");
        }

        if (DiskMegabytes > freeDiskMegabytes)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"TITER669 The run leaves about {DiskMegabytes:0} MB of files, {
                freeDiskMegabytes:0} MB are free. Make room, name another folder with --out, or keep the weights small (--weights-megabytes).");
        }
    }

    private static (double Seconds, double Bytes) AttackCost(TournamentSpec spec, Phase phase, PhaseSample sample, int sampled, HostSpeed speed)
    {
        // One that takes no step is measured once, before and after.
        if (sample.Result.Spent.Steps == 0) return (sample.Result.WallSeconds, sample.Bytes);
        var share = spec.EarlyStopping is null || phase.Exposure == Exposure.None ? 1
            : phase.Attack!.Search is null ? EarlyStoppingShare : SearchShare;
        var points = EvaluationGrid.Steps(spec.AttackLimits.Steps, EvaluationGrid.IsCoarse(phase, spec.EarlyStopping)).Count;
        var begin = phase.Attack!.IsForeign ? Math.Max(0, sample.HostSeconds(speed.Stretch) - speed.Point * sample.Points) : speed.Attack;
        return (begin + share * (speed.Stretch * Own(sample, spec.AttackLimits.Steps, sampled) + speed.Point * points),
            sample.Bytes * share * points / sample.Points);
    }

    /// <summary>What the plugin would be charged with its whole budget.</summary>
    private static double Own(PhaseSample sample, int limit, int sampled)
    {
        var spent = sample.Result.Spent.Steps;
        // It ended by itself: it would have with more, too.
        if (spent == 0 || spent < Math.Min(sampled, limit)) return sample.OwnSeconds;
        var settings = sample.Phase.Player!.Settings;
        var steps = settings.TryGetValue("steps", out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var own) && own > 0
            ? Math.Min(own, limit) : limit;
        return sample.OwnSeconds * steps / spent;
    }
}
