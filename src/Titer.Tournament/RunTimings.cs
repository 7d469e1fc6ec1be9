using Titer.Tournament.Scoring;

namespace Titer.Tournament;

/// <summary>Seconds and memory: never part of a score, and the only thing that differs between two equal runs.</summary>
public sealed record RunTimings(double DefendSeconds, double AttackSeconds, double AssessSeconds, double PeakWorkerMegabytes, IReadOnlyList<BreakSeconds> CostToBreak)
{
    internal static RunTimings Of(IEnumerable<PhaseResult> results, IEnumerable<CellOutcome> cells, Fold fold)
    {
        var all = results.ToArray();
        double Seconds(PhaseKind kind) => all.Where(r => r.Kind == kind).Sum(r => r.WallSeconds);
        var costs = cells.Where(c => c is { IsCensored: false, Status: CellStatus.Done })
            .Select(c => (Cell: c, Group: fold.Counted(c.Defense, fold.Families.First(f => f.Label == c.Attack), c.Exposure)))
            .Where(c => c.Group is not null).Select(c => new BreakSeconds(c.Cell.Defense, c.Cell.Attack, c.Cell.Exposure, c.Group!.Cost(k => k.DeviceSeconds))).ToArray();
        return new RunTimings(Seconds(PhaseKind.Defend), Seconds(PhaseKind.Attack), Seconds(PhaseKind.Assess), all.Select(r => r.PeakMemoryMegabytes).DefaultIfEmpty().Max(), costs);
    }
}

/// <summary>Cost to break in seconds of the attack's own time on this device.</summary>
public sealed record BreakSeconds(string Defense, string Attack, Exposure Exposure, double DeviceSeconds);
