namespace Titer.Tournament.Statistics;

/// <summary>An estimate with its 95% interval.</summary>
public sealed record Interval(double Estimate, double Low, double High)
{
    /// <summary>Successes or failures under which a mean of scores in [0, 1] is too near its end for Student's t.</summary>
    private const double FewEvents = 5;

    /// <summary>Of a mean over seeds and prompts of any scale.</summary>
    public static Interval Of(VarianceComponents components)
    {
        ArgumentNullException.ThrowIfNull(components);
        return new Interval(components.Mean, components.Mean - components.Margin, components.Mean + components.Margin);
    }

    /// <summary>
    /// Of a mean of scores in [0, 1]. Near an end, where no variation need have shown yet, it is at least as wide as the exact binomial one
    /// over the prompts: no harm on 48 prompts is not "certainly none".
    /// </summary>
    /// <param name="scores">[seed][prompt].</param>
    public static Interval OfScores(IReadOnlyList<IReadOnlyList<double>> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var (estimate, low, high) = Of(VarianceComponents.Of(scores));
        var (prompts, sum) = (scores[0].Count, estimate * scores[0].Count);
        if (sum < FewEvents) high = Math.Max(high, Binomial.Interval(sum, prompts).High);
        if (prompts - sum < FewEvents) low = Math.Min(low, Binomial.Interval(sum, prompts).Low);
        return new Interval(estimate, Math.Clamp(low, 0, 1), Math.Clamp(high, 0, 1));
    }

    /// <summary>
    /// Of a mean over defended models of scores in [0, 1]. Models that all agree hide what a rare other one would do: on that side the interval
    /// reaches as far as the part of other models that so many may have missed (exact binomial, mid-p; Lancaster 1961, JASA 56), each of them as
    /// bad, or as good, as can be.
    /// </summary>
    /// <param name="scores">[model][prompt].</param>
    /// <param name="allUnder">Every run stayed at or under the threshold.</param>
    /// <param name="allOver">Every run went above it.</param>
    public static Interval OfModels(IReadOnlyList<IReadOnlyList<double>> scores, bool allUnder, bool allOver)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var (estimate, low, high) = OfScores(scores);
        var seen = Unseen(scores.Count);
        if (allUnder) high = Math.Max(high, estimate + (1 - estimate) * seen);
        if (allOver) low = Math.Min(low, estimate * (1 - seen));
        return new Interval(estimate, low, high);
    }

    /// <summary>The largest part of models that behaves otherwise and that so many models may all
    /// have missed: half of that chance is 2.5%.</summary>
    public static double Unseen(int models) => 1 - Math.Pow(0.05, 1.0 / models);

    /// <summary>Defended models that must all hold before <see cref="Unseen"/> is at most that part.</summary>
    public static int ModelsFor(double part) => (int)Math.Ceiling(Math.Log(0.05) / Math.Log(1 - part));
}
