namespace Titer.Tournament;

/// <summary>
/// An attacker who looks for the setting that breaks a defense soonest: so many tries on every defense and exposure, one after the other, each
/// chosen by what those before it came to, all charged. The undefended subject is searched in the same way.
/// </summary>
/// <param name="Tries">Most tries on one defense and exposure; the first is the attack's own setting.</param>
/// <param name="Space">What is searched, by name.</param>
public sealed record AttackSearch(int Tries, IReadOnlyList<SearchDimension> Space);

/// <summary>An option that a search chooses: one of several values, or a number in a range whose logarithm counts.</summary>
/// <param name="Start">The attack's own value, in canonical text.</param>
public sealed record SearchDimension(string Option, string Start)
{
    /// <summary>Empty for a range.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>The lower end of a range, in canonical text; null for a choice.</summary>
    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary>The option is a whole number.</summary>
    public bool IsWhole { get; init; }
}
