using System.Globalization;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>What a phase of a short calibration took.</summary>
/// <param name="Bytes">That it left: weights, answers, its result.</param>
internal sealed record PhaseSample(Phase Phase, PhaseResult Result, long Bytes)
{
    /// <summary>Seconds of a process that starts, loads, evaluates and saves.</summary>
    public double HostSeconds => Math.Max(0, Result.WallSeconds - OwnSeconds);

    /// <summary>The plugin's own.</summary>
    public double OwnSeconds => Result.Spent.WallSeconds;

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

    /// <summary>Of the process that plays the tournament.</summary>
    private const double HostMegabytes = 250;

    /// <param name="left">To be played.</param>
    /// <param name="more">Attack phases that results may call for.</param>
    /// <param name="samples">Of every plugin one where it could be played, with budgets of <paramref name="sampled"/> steps.</param>
    public static PlanEstimate Of(TournamentSpec spec, IReadOnlyCollection<Phase> left, int more,
        IReadOnlyCollection<PhaseSample> samples, (int Defense, int Attack) sampled, int lanes)
    {
        PhaseSample[] done = [.. samples.Where(s => s.Result.Status == PhaseStatus.Done)];
        var load = Median(done.Where(s => s.Phase is { Kind: PhaseKind.Defend, Defense.IsForeign: false }).Select(s => s.HostSeconds));
        var point = Median(done.Where(s => s.Phase is { Kind: PhaseKind.Attack, Attack.IsForeign: false })
            .Select(s => Math.Max(0, s.HostSeconds - load) / s.Points));
        Dictionary<string, PhaseSample> OfKind(PhaseKind kind) => done.Where(s => s.Phase.Kind == kind)
            .GroupBy(s => s.Phase.Player?.Id ?? "").ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var (defends, attacks, assess) = (OfKind(PhaseKind.Defend), OfKind(PhaseKind.Attack), OfKind(PhaseKind.Assess).GetValueOrDefault(""));
        (double Seconds, double Bytes)? Cost(Phase phase) => phase.Kind switch
        {
            PhaseKind.Assess => assess is null ? null : (assess.Result.WallSeconds, assess.Bytes),
            PhaseKind.Defend => defends.GetValueOrDefault(phase.Defense.Id) is { } sample
                ? (sample.HostSeconds + Own(sample, spec.DefenseLimits.Steps, sampled.Defense), sample.Bytes) : null,
            _ => attacks.GetValueOrDefault(phase.Attack!.Id) is { } sample ? AttackCost(spec, phase, sample, sampled.Attack, point) : null,
        };
        var costs = left.Select(p => (p.Kind, Cost: Cost(p))).ToArray();
        // What could not be sampled takes what its kind takes.
        var usual = costs.Where(c => c.Cost is not null).GroupBy(c => c.Kind)
            .ToDictionary(g => g.Key, g => (Seconds: g.Average(c => c.Cost!.Value.Seconds), Bytes: g.Average(c => c.Cost!.Value.Bytes)));
        (double Seconds, double Bytes)[] all =
        [
            .. costs.Select(c => c.Cost ?? usual.GetValueOrDefault(c.Kind)),
            .. Enumerable.Repeat(usual.GetValueOrDefault(PhaseKind.Attack), more),
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

    private static (double Seconds, double Bytes) AttackCost(TournamentSpec spec, Phase phase, PhaseSample sample, int sampled, double usualPoint)
    {
        var own = Own(sample, spec.AttackLimits.Steps, sampled);
        // One that takes no step is measured once, before and after.
        if (sample.Result.Spent.Steps == 0) return (sample.Result.WallSeconds, sample.Bytes);
        var share = spec.EarlyStopping is null || phase.Exposure == Exposure.None ? 1 : EarlyStoppingShare;
        var points = EvaluationGrid.Steps(spec.AttackLimits.Steps).Count;
        var atPoints = Math.Min(sample.HostSeconds, usualPoint * sample.Points);
        return (sample.HostSeconds - atPoints + share * (own + usualPoint * points), sample.Bytes * share * points / sample.Points);
    }

    /// <summary>The plugin's own seconds with its whole budget.</summary>
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

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }
}
