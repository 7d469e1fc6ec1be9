namespace Titer.Tournament;

/// <summary>The steps at which a trajectory is measured: each one at first, later neighbours that differ by a quarter at most.</summary>
public static class EvaluationGrid
{
    /// <summary>Up to here every step is measured.</summary>
    private const int Each = 8;

    /// <summary>0, 1, ... 8, 10, 12, 15, 18, 22, 27, 33, 41, 51, 63, ... (at most x1.25), always ending with <paramref name="maximum"/>.</summary>
    public static IReadOnlyList<int> Steps(int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1);
        var steps = new List<int>();
        for (var next = 0; next < maximum; next = next < Each ? next + 1 : next + next / 4) steps.Add(next);
        steps.Add(maximum);
        return steps;
    }

    /// <summary>
    /// Where coarse, every other one of them, and the last: 0, 2, 4, 6, 8, 12, 18, 27, ... What is screened is only chosen from; what counts plays
    /// again on the whole grid.
    /// </summary>
    public static IReadOnlyList<int> Steps(int maximum, bool isCoarse) =>
        isCoarse ? [.. Steps(maximum).Where((step, i) => i % 2 == 0 || step == maximum)] : Steps(maximum);

    /// <summary>Whether a phase is measured on the coarse grid.</summary>
    public static bool IsCoarse(Phase phase, StoppingRule? rule)
    {
        ArgumentNullException.ThrowIfNull(phase);
        return phase.IsScreening && rule is { ScreensCoarsely: true };
    }
}
