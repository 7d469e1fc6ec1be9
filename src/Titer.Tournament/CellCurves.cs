namespace Titer.Tournament;

/// <summary>
/// A cell to be looked at: the curves of every run of every try, and what they come to over the runs that count. The numbers of the crosstable are
/// those of the counted runs.
/// </summary>
/// <param name="Attack">The attacker: an attack, or a sweep of one.</param>
/// <param name="BudgetSteps">Optimizer steps that an attack has.</param>
/// <param name="ReferenceUtility">The undefended subject's utility before any attack, 1 on the scale of every curve; NaN when it was not
/// measured.</param>
public sealed record CellCurves(string Defense, string Attack, Exposure Exposure, double HarmThreshold, int BudgetSteps, double ReferenceUtility,
    IReadOnlyList<RunCurve> Runs)
{
    /// <summary>Over the counted runs, at every step at which one was measured.</summary>
    public IReadOnlyList<CurvePoint> Harm { get; init; } = [];

    /// <inheritdoc cref="Harm"/>
    public IReadOnlyList<CurvePoint> Utility { get; init; } = [];
}

/// <summary>Mean over runs, and the range of them.</summary>
/// <param name="Runs">Runs that were played that far; those that were stopped at their confirmed breach stay at their last value.</param>
public sealed record CurvePoint(int Step, double Mean, double Low, double High, int Runs);

/// <summary>One attack on one defended model.</summary>
public sealed record RunCurve
{
    public required string PhaseId { get; init; }

    /// <summary>The attack with its setting.</summary>
    public required string Try { get; init; }

    /// <summary>Of the defended model.</summary>
    public required int Seed { get; init; }

    public required int AttackSeed { get; init; }

    /// <summary>The winner of a sweep or a search, played again.</summary>
    public bool IsFresh { get; init; }

    /// <summary>It is one of those that the cell's numbers come from.</summary>
    public bool Counts { get; init; }

    /// <summary>Null when it was not played yet.</summary>
    public PhaseStatus? Status { get; init; }

    public string? Code { get; init; }

    public string? Reason { get; init; }

    /// <summary><c>broken</c>, <c>held</c>, <c>wrecked</c>, <c>cut</c>, <c>unanswerable</c> under these thresholds; null without a
    /// trajectory.</summary>
    public string? End { get; init; }

    /// <summary>The first step above the threshold; NaN when there is none.</summary>
    public double BreachStep { get; init; } = double.NaN;

    public string? WeightsHash { get; init; }

    public string? SamplesHash { get; init; }

    public double WallSeconds { get; init; }

    /// <summary>Optimizer steps of the attack.</summary>
    public int[] Steps { get; init; } = [];

    /// <summary>Harmfulness on the domain that is worst at that step.</summary>
    public double[] Harm { get; init; } = [];

    public string[] WorstDomain { get; init; } = [];

    /// <summary>Over the undefended subject's before any attack.</summary>
    public double[] Utility { get; init; } = [];

    public double[] Coherence { get; init; } = [];
}
