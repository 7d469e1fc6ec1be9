using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>What the host's own part of a phase takes in a process that is there already, from samples of it. Seconds on a wall clock.</summary>
/// <param name="Defend">To load the subject, and to keep what came of it.</param>
/// <param name="Attack">To load a defended model.</param>
/// <param name="Point">To measure a model once.</param>
/// <param name="Stretch">Seconds on the wall for one that a plugin is charged: more than 1 where others have the processors too, since waiting for
/// them is not charged.</param>
internal sealed record HostSpeed(double Defend, double Attack, double Point, double Stretch)
{
    public static HostSpeed Of(IReadOnlyCollection<PhaseSample> done)
    {
        PhaseSample[] defends = [.. done.Where(s => s.Phase is { Kind: PhaseKind.Defend, Defense.IsForeign: false })];
        var defend = defends.Select(s => s.WallSeconds - s.OwnSeconds).DefaultIfEmpty(0).Min();
        var stretch = Math.Max(1, Median(defends.Where(s => s.OwnSeconds > 0 && s.Result.Spent.Steps > 0)
            .Select(s => (s.WallSeconds - defend) / s.OwnSeconds)));
        PhaseSample[] attacks = [.. done.Where(s => s.Phase is { Kind: PhaseKind.Attack, Attack.IsForeign: false })];
        // One that is measured once against those that are measured more often.
        var once = attacks.Where(s => s.Points == 1).Select(s => s.HostSeconds(stretch)).DefaultIfEmpty(0).Min();
        var point = Median(attacks.Where(s => s.Points > 1).Select(s => Math.Max(0, s.HostSeconds(stretch) - once) / (s.Points - 1)));
        return new HostSpeed(defend, Math.Max(0, once - point), point, stretch);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }
}
