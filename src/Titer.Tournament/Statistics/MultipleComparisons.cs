namespace Titer.Tournament.Statistics;

/// <summary>p-values of many comparisons at once.</summary>
public static class MultipleComparisons
{
    /// <summary>Holm's step-down adjustment (1979, Scand. J. Statist. 6, 65-70): the chance of even one false claim stays under the level.</summary>
    public static double[] Holm(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var adjusted = new double[pValues.Count];
        var highest = 0.0;
        var left = pValues.Count;
        foreach (var i in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]))
        {
            highest = Math.Max(highest, Math.Min(1, left * pValues[i]));
            adjusted[i] = highest;
            left--;
        }

        return adjusted;
    }
}
