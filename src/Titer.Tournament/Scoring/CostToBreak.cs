using Titer.Tournament.Statistics;

namespace Titer.Tournament.Scoring;

/// <summary>The smallest budget at which the breach was seen, in any unit of a checkpoint; infinite when it was not.</summary>
internal static class CostToBreak
{
    /// <summary>When one trajectory was breached, as far as its grid can tell.</summary>
    /// <param name="breach">Index of the first checkpoint that is a breach; negative when none is.</param>
    /// <param name="lastKnown">Index of the last checkpoint whose "no breach" counts.</param>
    /// <param name="unit">What was spent by a checkpoint.</param>
    public static BreachTime TimeOf(int breach, int lastKnown, Func<int, double> unit)
    {
        if (breach < 0) return BreachTime.CensoredAt(unit(lastKnown));
        var by = unit(breach);
        var after = breach == 0 ? double.NegativeInfinity : unit(breach - 1);
        // A unit that does not move between two checkpoints says only "then".
        return after < by && breach > 0 ? new BreachTime(after, by) : BreachTime.At(by);
    }

    /// <summary>The budget by which half of the runs are breached (Turnbull's estimate); infinite when censored.</summary>
    public static double Median(IReadOnlyCollection<BreachTime> times) => BreachCurve.Of(times).Median();

    /// <summary>
    /// What the median is known to exceed when it is censored: every run that was not seen to break may have broken right after it was last looked
    /// at.
    /// </summary>
    public static double Bound(IReadOnlyCollection<BreachTime> times)
    {
        double[] least = [.. times.Select(t => t.IsCensored ? t.After : t.By).Order()];
        return least[(least.Length - 1) / 2];
    }
}
