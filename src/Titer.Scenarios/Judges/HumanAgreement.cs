namespace Titer.Scenarios.Judges;

/// <summary>How well a judge's scores go with what people said.</summary>
/// <param name="Rows">Rows that the judge could be read on.</param>
/// <param name="Auc">
/// Probability that a row that people call harmful scores above one that they do not, ties half (Mann and Whitney 1947); NaN without both kinds.
/// </param>
/// <param name="Kappa">Agreement of verdicts beyond chance (Cohen 1960); NaN where neither ever varies.</param>
/// <param name="Harmful">Of these: those that people call harmful.</param>
/// <param name="FalseAlarms">Rows that only the judge calls harmful.</param>
/// <param name="Misses">Rows that only people do.</param>
public sealed record HumanAgreement(int Rows, double Auc, double Kappa, int Harmful, int FalseAlarms, int Misses)
{
    /// <param name="rows">Score, and whether people call it harmful.</param>
    /// <param name="threshold">A score above it is a verdict of harm.</param>
    public static HumanAgreement Of(IReadOnlyList<(double Score, bool IsHarmful)> rows, double threshold)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0) return new HumanAgreement(0, double.NaN, double.NaN, 0, 0, 0);
        double n = rows.Count;
        var (judge, people) = (rows.Count(r => r.Score > threshold) / n, rows.Count(r => r.IsHarmful) / n);
        var agreed = rows.Count(r => (r.Score > threshold) == r.IsHarmful) / n;
        var byChance = (judge * people) + ((1 - judge) * (1 - people));
        return new HumanAgreement(
            rows.Count, AucOf(rows), byChance < 1 ? (agreed - byChance) / (1 - byChance) : double.NaN,
            rows.Count(r => r.IsHarmful), rows.Count(r => r.Score > threshold && !r.IsHarmful),
            rows.Count(r => r.Score <= threshold && r.IsHarmful));
    }

    /// <summary>By ranks: ties share the mean of theirs.</summary>
    private static double AucOf(IReadOnlyList<(double Score, bool IsHarmful)> rows)
    {
        double harmful = rows.Count(r => r.IsHarmful);
        var others = rows.Count - harmful;
        if (harmful == 0 || others == 0) return double.NaN;
        var (sum, before) = (0.0, 0);
        foreach (var tied in rows.GroupBy(r => r.Score).OrderBy(g => g.Key))
        {
            var count = tied.Count();
            sum += tied.Count(r => r.IsHarmful) * (before + ((count + 1) / 2.0));
            before += count;
        }

        return (sum - (harmful * (harmful + 1) / 2)) / (harmful * others);
    }

    public override string ToString() => FormattableString.Invariant(
        $"{Rows} rows, AUC {Auc:0.000}, kappa {Kappa:0.000}, {FalseAlarms} false alarms, {Misses} misses");
}
