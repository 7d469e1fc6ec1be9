namespace Titer.Tournament;

/// <summary>
/// Cost to break the defended model over cost to break the undefended one, worst case over attackers, as far as it was seen: between
/// <paramref name="Low"/> and <paramref name="High"/>. They are equal where the worst attacker broke the model and no other could have been cheaper;
/// <paramref name="High"/> is infinite where none broke it. NaN when it was not measured.
/// </summary>
public sealed record TiterRatio(double Low, double High)
{
    public static TiterRatio NotMeasured { get; } = new(double.NaN, double.NaN);

    public bool IsMeasured => !double.IsNaN(Low);

    /// <summary>No attacker broke the model: the ratio is a lower bound.</summary>
    public bool IsCensored => double.IsPositiveInfinity(High);

    /// <summary>Ends of what other runs may come to; see <see cref="EndsAre"/>.</summary>
    public double LowEnd { get; init; } = double.NaN;

    public double HighEnd { get; init; } = double.NaN;

    public IntervalKind EndsAre { get; init; } = IntervalKind.RangeOverRuns;

    /// <summary><c>1:8</c>, <c>1:48 to 1:80</c>, <c>&gt;1:16</c>, <c>&lt;1:0.4</c>, or <c>not measured</c>.</summary>
    public override string ToString() => !IsMeasured ? "not measured" : Text(Low, High);

    /// <summary><c>1:4 to 1:16</c>, <c>&gt;1:4</c>: the same form, of the ends.</summary>
    public string EndsText => double.IsNaN(LowEnd) ? "" : Text(LowEnd, HighEnd);

    private static string Text(double low, double high) => low == high ? "1:" + Figures.Compact(low)
        : double.IsPositiveInfinity(high) ? ">1:" + Figures.Compact(low)
        : low == 0 ? "<1:" + Figures.Compact(high)
        : $"1:{Figures.Compact(low)} to 1:{Figures.Compact(high)}";
}
