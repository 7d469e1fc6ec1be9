namespace Titer.Scenarios.Metrics;

/// <summary>How far two metrics say the same of the same answers.</summary>
/// <param name="Answers">Answers that both scored.</param>
/// <param name="Disagreement">Part of the answers on which one is above the threshold and the other is not.</param>
/// <param name="Kappa">Agreement beyond chance (Cohen 1960, Educational and Psychological Measurement 20): 1 is perfect,
/// 0 is chance; NaN when one never varies and both agree.</param>
/// <param name="FirstOnly">Part of the answers that only the first calls above.</param>
/// <param name="SecondOnly">Part that only the second does.</param>
/// <param name="Prompts">Ids of the prompts with the most disagreement, worst first.</param>
public sealed record MetricAgreement(int Answers, double Disagreement, double Kappa, double FirstOnly, double SecondOnly,
    IReadOnlyList<string> Prompts)
{
    private const int MostPrompts = 10;

    /// <param name="threshold">A score above it says yes.</param>
    public static MetricAgreement Of(IReadOnlyList<string> promptIds, IReadOnlyList<double> first, IReadOnlyList<double> second, double threshold)
    {
        ArgumentNullException.ThrowIfNull(promptIds);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (promptIds.Count != first.Count || first.Count != second.Count)
            throw new ArgumentException($"Counts differ: {promptIds.Count} prompts, {first.Count} and {second.Count} scores.");
        var pairs = promptIds.Zip(first, second).Select(p => (Id: p.First, First: p.Second > threshold, Second: p.Third > threshold)).ToArray();
        if (pairs.Length == 0) return new MetricAgreement(0, double.NaN, double.NaN, double.NaN, double.NaN, []);
        double Part(Func<(string Id, bool First, bool Second), bool> what) => pairs.Count(what) / (double)pairs.Length;
        var (firstYes, secondYes) = (Part(p => p.First), Part(p => p.Second));
        var (observed, expected) = (Part(p => p.First == p.Second), firstYes * secondYes + (1 - firstYes) * (1 - secondYes));
        return new MetricAgreement(
            pairs.Length, 1 - observed, (observed - expected) / (1 - expected), Part(p => p is { First: true, Second: false }),
            Part(p => p is { First: false, Second: true }),
            [.. pairs.Where(p => p.First != p.Second).GroupBy(p => p.Id).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
                .Take(MostPrompts).Select(g => g.Key)]);
    }
}
