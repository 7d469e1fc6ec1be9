namespace Titer.Scenarios.Metrics;

/// <param name="Difference">First score less second.</param>
public sealed record ScoreDifference(string PromptId, double First, double Second)
{
    public double Difference => First - Second;
}

/// <param name="Disagreement">Share of answers that lie on different sides of the threshold.</param>
/// <param name="Kappa">Cohen's kappa; null where it is not defined: no answers, or both metrics put every answer on the same side.</param>
/// <param name="Worst">Answers on different sides, those with the largest difference first.</param>
public sealed record AgreementReport(int Count, double Threshold, double Disagreement, double? Kappa, IReadOnlyList<ScoreDifference> Worst);

/// <summary>
/// How far two metrics agree about the same answers: both scores are cut at a threshold (at or above: yes). Kappa is J. Cohen, "A Coefficient of Agreement for Nominal Scales",
/// Educational and Psychological Measurement 20 (1960).
/// </summary>
public static class MetricAgreement
{
    public static AgreementReport Compare(IReadOnlyList<string> promptIds, IReadOnlyList<double> first, IReadOnlyList<double> second, double threshold, int worstCount = 10)
    {
        if (promptIds.Count != first.Count || first.Count != second.Count)
            throw new ArgumentException($"Counts differ: {promptIds.Count} prompts, {first.Count} and {second.Count} scores.");
        if (first.Concat(second).Any(double.IsNaN)) throw new ArgumentException("A score is not a number. Leave unscored answers out of both lists.");
        var count = first.Count;
        if (count == 0) return new(0, threshold, 0, null, []);

        var pairs = promptIds.Select((id, i) => new ScoreDifference(id, first[i], second[i])).ToArray();
        var apart = pairs.Where(p => p.First >= threshold != p.Second >= threshold).ToArray();
        var disagreement = (double)apart.Length / count;
        var (firstYes, secondYes) = (Share(first), Share(second));
        var byChance = firstYes * secondYes + (1 - firstYes) * (1 - secondYes);
        double? kappa = byChance < 1 ? (1 - disagreement - byChance) / (1 - byChance) : null;
        return new(count, threshold, disagreement, kappa,
            [.. apart.OrderByDescending(p => Math.Abs(p.Difference)).ThenBy(p => p.PromptId, StringComparer.Ordinal).Take(worstCount)]);

        double Share(IReadOnlyList<double> scores) => (double)scores.Count(s => s >= threshold) / count;
    }
}
