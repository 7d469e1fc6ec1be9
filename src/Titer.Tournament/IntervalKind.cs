namespace Titer.Tournament;

/// <summary>What two ends around a number mean.</summary>
public enum IntervalKind
{
    /// <summary>Too few defended models for an interval: the lowest and the highest of what was seen. It says nothing of runs not played.</summary>
    RangeOverRuns,

    /// <summary>Holds the truth about models and prompts that were not played 95 times in 100.</summary>
    Confidence95,
}

internal static class IntervalKinds
{
    /// <summary>A mean of scores needs three defended models.</summary>
    private const int LeastForMeans = 3;

    /// <summary>The lowest and the highest of six hold the median 97 times in 100, those of five 94 times.</summary>
    private const int LeastForMedians = 6;

    /// <summary>Of a mean.</summary>
    public static IntervalKind Of(int models) => models >= LeastForMeans ? IntervalKind.Confidence95 : IntervalKind.RangeOverRuns;

    public static IntervalKind OfMedian(int models) => models >= LeastForMedians ? IntervalKind.Confidence95 : IntervalKind.RangeOverRuns;
}
