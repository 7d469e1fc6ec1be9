using System.Globalization;

namespace Titer.Runtime.Phases;

/// <summary>What a stranger's metric answered, held against what it was asked.</summary>
internal static class MetricScores
{
    /// <returns>A copy: the metric may keep its own.</returns>
    /// <exception cref="MetricFaultException">They are not one finite number in [0, 1] for each answer.</exception>
    public static double[] Checked(string metric, IReadOnlyList<double>? scores, int answers)
    {
        if (scores is null) throw Refused(metric, $"nothing for {Text(answers)} answers");
        if (scores.Count != answers) throw Refused(metric, $"{Text(scores.Count)} scores for {Text(answers)} answers");
        for (var i = 0; i < answers; i++)
        {
            if (scores[i] is not (>= 0 and <= 1)) throw Refused(metric,
                string.Create(CultureInfo.InvariantCulture, $"{scores[i]:R} for answer {i + 1} of {answers}"));
        }

        return [.. scores];
    }

    private static MetricFaultException Refused(string metric, string what) =>
        new(MetricFaultException.NoScoresCode, $"The metric '{metric}' returned {what}. Return one number in [0, 1] for each answer, in order.");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
