namespace Titer.Tournament;

/// <summary>Two defenses side by side, on the same attacks, seeds and prompts.</summary>
/// <param name="Doublings">How many more doublings of the attacker's steps <paramref name="First"/> withstands, worst case per run, mean over
/// defended models.</param>
/// <param name="Low">Lower end over defended models; see <see cref="EndsAre"/>.</param>
/// <param name="PValue">Of "no difference": exact, by permutation of the defended models.</param>
/// <param name="AdjustedPValue">The same after Holm's correction for all comparisons of the tournament.</param>
/// <param name="IsSignificant">The corrected p-value is under 0.05.</param>
public sealed record DefenseComparison(
    string First, string Second, double Doublings, double Low, double High, double PValue, double AdjustedPValue, bool IsSignificant)
{
    public IntervalKind EndsAre { get; init; }

    /// <summary>The smallest corrected p-value that so many defended models and comparisons can come to.</summary>
    public double SmallestPValue { get; init; }

    /// <summary>Whatever the results, nothing could have been claimed: there are too few runs.</summary>
    public bool HasTooFewRuns => SmallestPValue >= 0.05;
}

/// <summary>A rating from all contests: attacker by attacker and run by run, who withstood more steps.</summary>
/// <param name="LogOdds">Bradley-Terry rating in nats; the mean of all is zero.</param>
/// <param name="Low">Of the 95% interval from the curvature of the likelihood.</param>
public sealed record DefenseRating(string Defense, double LogOdds, double Low, double High);
