namespace Titer.Tournament;

public enum CellStatus
{
    Done,

    /// <summary>The defense destroyed the model, or the attack did in every run without getting what it wanted: not measured.</summary>
    Wrecked,

    /// <summary>The attacker's seconds were up before its steps, and no run was broken by then.</summary>
    Cut,
    Error,
    Timeout,
    Invalid,
    Skipped,
}

/// <summary>A defense met by an attacker on one exposure, over all runs.</summary>
public sealed record CellOutcome
{
    public required string Defense { get; init; }

    /// <summary>The attacker: an attack, or a sweep of one.</summary>
    public required string Attack { get; init; }

    public required Exposure Exposure { get; init; }

    public required CellStatus Status { get; init; }

    /// <summary>Why this attacker counts for no defense on this exposure; null where it counts.</summary>
    public string? SetAside { get; init; }

    public string? Code { get; init; }

    public string? Reason { get; init; }

    /// <summary>Defended models that were met.</summary>
    public int Seeds { get; init; }

    /// <summary>Attacks on them that were played.</summary>
    public int Runs { get; init; }

    /// <summary>Runs with harmfulness above the threshold on some domain.</summary>
    public int RunsBroken { get; init; }

    /// <summary>Runs that went to their end in a sound model without a breach.</summary>
    public int RunsHeld { get; init; }

    /// <summary>Runs without a breach whose model was useless at the end: they say nothing about the defense.</summary>
    public int RunsWrecked { get; init; }

    /// <summary>Runs without a breach that ended on their seconds.</summary>
    public int RunsCut { get; init; }

    /// <summary>The domain of <see cref="MaxHarm"/>.</summary>
    public string? WorstDomain { get; init; }

    /// <summary>Highest harmfulness along the trajectory on the worst domain, under its worst template; mean over defended models.</summary>
    public double MaxHarm { get; init; } = double.NaN;

    public double MaxHarmLow { get; init; } = double.NaN;

    public double MaxHarmHigh { get; init; } = double.NaN;

    public IntervalKind MaxHarmEndsAre { get; init; }

    /// <summary>The trajectory ended at its confirmed breach: played on, the harm would be this or more.</summary>
    public bool MaxHarmIsLowerBound { get; init; }

    /// <summary>The highest harmfulness at points that lost at most that part of the utility.</summary>
    public IReadOnlyList<BoundedHarm> BoundedHarm { get; init; } = [];

    /// <summary>Harmfulness at the end of what was played, worst domain, mean over runs.</summary>
    public double FinalHarm { get; init; } = double.NaN;

    /// <summary>
    /// The step by which half of the runs have harmfulness above the threshold on some domain (Turnbull's estimate); NaN when censored.
    /// </summary>
    public double CostToBreakSteps { get; init; } = double.NaN;

    public double CostToBreakSamples { get; init; } = double.NaN;

    public double CostToBreakTokens { get; init; } = double.NaN;

    public double CostToBreakFlops { get; init; } = double.NaN;

    /// <summary>Tries up to the first that breaks the model, in the file's order; NaN when none does.</summary>
    public double CostToBreakTries { get; init; } = double.NaN;

    /// <summary>True when the model was not broken within the budget.</summary>
    public bool IsCensored { get; init; }

    /// <summary>What a censored cost exceeds, in steps: runs that wrecked the model or were cut may have broken it right afterwards.</summary>
    public double CensoredAtSteps { get; init; } = double.NaN;

    /// <summary>Steps that were played.</summary>
    public int BudgetSteps { get; init; }

    /// <summary>Cost to break by the utility that the attacker may ruin.</summary>
    public IReadOnlyList<FrontierPoint> BreachFrontier { get; init; } = [];

    /// <summary>Lowest utility along the trajectory over the undefended subject's at t = 0.</summary>
    public double MinUtilityRatio { get; init; } = double.NaN;

    public string? Titer { get; init; }

    /// <summary>Breach probability at each step of the grid.</summary>
    public IReadOnlyList<BreachPoint> BreachCurve { get; init; } = [];

    /// <summary>The try that counts, for a sweep.</summary>
    public string? WinningTry { get; init; }

    /// <summary>The worst case after each try, in the file's order; empty without a sweep.</summary>
    public IReadOnlyList<TryOutcome> Tries { get; init; } = [];

    /// <summary>
    /// What the attacker paid until its first success, in steps: all tries before it, and what it took itself; NaN when there was none. A model that
    /// breaks at once for whoever knows how may be dear for those who do not.
    /// </summary>
    public double PriceSteps { get; init; } = double.NaN;

    /// <summary>Optimizer steps per run that the attacker paid for: all tries, and the winner's re-run.</summary>
    public double ChargedSteps { get; init; } = double.NaN;

    /// <summary>Ids of the phases that the numbers came from.</summary>
    public IReadOnlyList<string> Phases { get; init; } = [];

    /// <summary><c>8</c>, <c>&gt;48</c>, <c>held</c> where nothing was trained, or the status when there is no cost.</summary>
    public string CostText => Status is not (CellStatus.Done or CellStatus.Wrecked or CellStatus.Cut) ? Status.ToString().ToLowerInvariant()
        : Status == CellStatus.Wrecked ? "wrecked"
        : Status == CellStatus.Cut ? "cut at " + Figures.Compact(CensoredAtSteps)
        : IsCensored && BudgetSteps == 0 ? "held"
        : IsCensored ? ">" + Figures.Compact(CensoredAtSteps)
        : Figures.Compact(CostToBreakSteps);
}

/// <param name="UtilityLoss">Part of the undefended utility that may be lost.</param>
public sealed record BoundedHarm(double UtilityLoss, double Harm, double HarmLow, double HarmHigh);

/// <summary>Breach probability at a budget.</summary>
/// <param name="Low">Of the exact 95% binomial interval over defended models.</param>
public sealed record BreachPoint(double Steps, double Probability, double Low, double High);

/// <summary>One try of a sweep, and the worst case up to it.</summary>
/// <param name="Try">The attack with its settings.</param>
/// <param name="ChargedSteps">Steps per seed that were paid for so far.</param>
/// <param name="MaxHarm">Highest harmfulness of this try; NaN when it failed.</param>
/// <param name="CostToBreakSteps">Of this try; NaN when censored.</param>
/// <param name="WorstHarm">Highest harmfulness of the tries so far.</param>
/// <param name="LowestCostSteps">Lowest cost of the tries so far; NaN when all are censored.</param>
public sealed record TryOutcome(string Try, double ChargedSteps, double MaxHarm, double CostToBreakSteps, double WorstHarm, double LowestCostSteps);
