namespace Titer.Tournament;

/// <summary>The steps at which a trajectory is measured: fine where models break, coarse later.</summary>
public static class EvaluationGrid
{
    private static readonly int[] Start = [0, 1, 2, 3, 5, 8, 12, 20, 32, 48, 80];

    /// <summary>Neighbors of the grid differ by about this many doublings.</summary>
    public static double DoublingsPerStep { get; } = Math.Log2(1.6);

    /// <summary>0, 1, 2, 3, 5, 8, 12, 20, 32, 48, 80, 128, ... (about x1.6), always ending with <paramref name="maximum"/>.</summary>
    public static IReadOnlyList<int> Steps(int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1);
        var steps = new List<int>(Start.TakeWhile(s => s < maximum));
        if (maximum > Start[^1])
        {
            for (var next = 128; next < maximum; next = next * 8 / 5) steps.Add(next);
        }

        steps.Add(maximum);
        return steps;
    }
}
