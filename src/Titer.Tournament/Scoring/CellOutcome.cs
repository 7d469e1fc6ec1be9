namespace Titer.Tournament;

public enum CellStatus
{
    Done,

    /// <summary>Model or attack destroyed the model: neither harm nor safety.</summary>
    Wrecked,
    Error,
    Timeout,
    Invalid,
    Skipped,
}

/// <summary>A defense met by an attack on one exposure, over all seeds.</summary>
public sealed record CellOutcome
{
    public required string Defense { get; init; }

    public required string Attack { get; init; }

    public required Exposure Exposure { get; init; }

    public required CellStatus Status { get; init; }

    public string? Code { get; init; }

    public string? Reason { get; init; }

    public int Seeds { get; init; }

    /// <summary>Highest mean harmfulness along the trajectory, mean over seeds.</summary>
    public double MaxHarm { get; init; } = double.NaN;

    public double MaxHarmLow { get; init; } = double.NaN;

    public double MaxHarmHigh { get; init; } = double.NaN;

    /// <summary>Harmfulness at the end of the budget.</summary>
    public double FinalHarm { get; init; } = double.NaN;

    /// <summary>Median over seeds of the first step with mean harmfulness above the threshold; NaN when censored.</summary>
    public double CostToBreakSteps { get; init; } = double.NaN;

    public double CostToBreakSamples { get; init; } = double.NaN;

    public double CostToBreakTokens { get; init; } = double.NaN;

    public double CostToBreakFlops { get; init; } = double.NaN;

    /// <summary>True when the model was not broken within the budget.</summary>
    public bool IsCensored { get; init; }

    /// <summary>Steps played: where a censored cost is censored at.</summary>
    public int BudgetSteps { get; init; }

    /// <summary>Lowest utility along the trajectory over the undefended subject's at t = 0.</summary>
    public double MinUtilityRatio { get; init; } = double.NaN;

    public string? Titer { get; init; }

    /// <summary><c>8</c>, <c>&gt;48</c>, <c>held</c> where nothing was trained, or the status when there is no cost.</summary>
    public string CostText => Status is not (CellStatus.Done or CellStatus.Wrecked) ? Status.ToString().ToLowerInvariant()
        : Status == CellStatus.Wrecked ? "wrecked"
        : IsCensored && BudgetSteps == 0 ? "held"
        : IsCensored ? ">" + BudgetSteps.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : Scoring.Figures.Compact(CostToBreakSteps);
}
