namespace Titer.Tournament.Statistics;

/// <summary>
/// When a breach happened, as far as a trajectory can tell: after <paramref name="After"/> and at the latest at <paramref name="By"/>, since
/// the model is only looked at on a grid. <paramref name="By"/> is infinite when no breach was seen (right-censored at <paramref name="After"/>).
/// </summary>
public readonly record struct BreachTime(double After, double By)
{
    public bool IsCensored => double.IsPositiveInfinity(By);

    /// <summary>A breach seen at exactly <paramref name="time"/>.</summary>
    public static BreachTime At(double time) => new(Math.BitDecrement(time), time);

    /// <summary>No breach up to <paramref name="time"/>.</summary>
    public static BreachTime CensoredAt(double time) => new(time, double.PositiveInfinity);
}
