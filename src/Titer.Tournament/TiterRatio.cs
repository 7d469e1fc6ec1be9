using System.Globalization;

namespace Titer.Tournament;

/// <summary>
/// Cost to break the defended model over cost to break the undefended one. Censored means that the defended model was not broken within the
/// budget: the ratio is then a lower bound. NaN when the undefended model was not broken either.
/// </summary>
public sealed record TiterRatio(double Ratio, bool IsCensored, double Low, double High)
{
    public static TiterRatio Undefined { get; } = new(double.NaN, false, double.NaN, double.NaN);

    /// <summary><c>1:8</c>, <c>&gt;1:16</c>, or <c>n/a</c>.</summary>
    public override string ToString() => double.IsNaN(Ratio) ? "n/a" : (IsCensored ? ">1:" : "1:") + Figures.Compact(Ratio);

    /// <summary><c>1:4 to &gt;1:16</c>; an infinite end is the censored bound.</summary>
    public string IntervalText => double.IsNaN(Low) ? "" : $"{End(Low)} to {End(High)}";

    /// <summary>Order of defenses: a censored ratio beats an equal one that was reached.</summary>
    public (double, int) Key => double.IsNaN(Ratio) ? (-1, 0) : (Ratio, IsCensored ? 1 : 0);

    private string End(double value) => double.IsInfinity(value) ? ">1:" + Figures.Compact(CensoredBound) : "1:" + Figures.Compact(value);

    /// <summary>The largest ratio that the budget can show.</summary>
    public double CensoredBound { get; init; } = double.NaN;
}
