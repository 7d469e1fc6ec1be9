namespace Titer.Sdk;

/// <summary>Limits in several units at once; null means no limit in that unit.</summary>
public sealed record Budget
{
    /// <summary>Optimizer steps.</summary>
    public long? Steps { get; init; }

    /// <summary>Sequences that went through a forward pass with gradients on.</summary>
    public long? Samples { get; init; }

    /// <summary>Tokens (padding included) that went through a forward pass with gradients on.</summary>
    public long? Tokens { get; init; }

    /// <summary>Floating-point operations by the 2N forward + 4N backward estimate per token (Kaplan et al. 2020, arXiv 2001.08361).</summary>
    public double? Flops { get; init; }

    /// <summary>Seconds of the plugin's own time; the host's evaluations are not counted.</summary>
    public double? WallSeconds { get; init; }
}

/// <summary>What was spent so far, in the units of <see cref="Budget"/>.</summary>
public readonly record struct Spending(long Steps, long Samples, long Tokens, double Flops, double WallSeconds);

/// <summary>A budget is used up. For an attack that is a normal end; a defense that lets it escape has failed.</summary>
public sealed class BudgetExceededException(string unit, double limit)
    : Exception($"The budget of {limit.ToString(System.Globalization.CultureInfo.InvariantCulture)} {unit} is used up.")
{
    public string Unit { get; } = unit;

    public double Limit { get; } = limit;
}
