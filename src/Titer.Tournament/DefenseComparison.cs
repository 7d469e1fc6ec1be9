namespace Titer.Tournament;

/// <summary>Two defenses side by side, on the same attacks, seeds and prompts.</summary>
/// <param name="Doublings">How many more doublings of the attacker's steps <paramref name="First"/> withstands, worst case per seed, mean over seeds.</param>
/// <param name="PValue">Of "no difference".</param>
/// <param name="AdjustedPValue">The same after Holm's correction for all comparisons of the tournament.</param>
/// <param name="IsSignificant">The corrected p-value is under 0.05.</param>
public sealed record DefenseComparison(
    string First, string Second, double Doublings, double Low, double High, double PValue, double AdjustedPValue, bool IsSignificant);

/// <summary>A rating from all contests: attacker by attacker and seed by seed, who withstood more steps.</summary>
/// <param name="LogOdds">Bradley-Terry rating in nats; the mean of all is zero.</param>
public sealed record DefenseRating(string Defense, double LogOdds, double Low, double High);
