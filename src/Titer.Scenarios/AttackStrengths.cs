namespace Titer.Scenarios;

/// <summary>
/// Learning rates of one attack, calibrated on the undefended subject before any defense is scored: within half of the budget they
/// reach about 30, 60 and 90% of the highest harmfulness. Frozen in the scenario, so that nobody tunes the attacker to a defense.
/// </summary>
public sealed record AttackStrengths(double Weak, double Medium, double Strong)
{
    public static IReadOnlyList<string> Names { get; } = ["weak", "medium", "strong"];

    public double this[string strength] => strength switch
    {
        "weak" => Weak,
        "medium" => Medium,
        "strong" => Strong,
        _ => throw new ArgumentOutOfRangeException(nameof(strength), strength, "Strengths are weak, medium and strong."),
    };
}
