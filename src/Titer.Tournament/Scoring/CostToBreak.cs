using Titer.Tournament.Statistics;

namespace Titer.Tournament.Scoring;

/// <summary>The smallest budget at which the breach was seen, in any unit of a checkpoint; infinite when it was not.</summary>
internal static class CostToBreak
{
    /// <summary>When one trajectory was breached, as far as its grid can tell.</summary>
    /// <param name="breach">Index of the first checkpoint that is a breach; negative when none is.</param>
    public static BreachTime TimeOf(IReadOnlyList<Checkpoint> checkpoints, int breach, Func<Checkpoint, double> unit)
    {
        if (breach < 0) return BreachTime.CensoredAt(unit(checkpoints[^1]));
        var by = unit(checkpoints[breach]);
        var after = breach == 0 ? double.NegativeInfinity : unit(checkpoints[breach - 1]);
        // A unit that does not move between two checkpoints says only "then".
        return after < by && breach > 0 ? new BreachTime(after, by) : BreachTime.At(by);
    }

    /// <summary>The budget by which half of the trajectories are breached; infinite when censored.</summary>
    public static double Median(IEnumerable<BreachTime> times) => BreachCurve.Of(times).Median();
}
