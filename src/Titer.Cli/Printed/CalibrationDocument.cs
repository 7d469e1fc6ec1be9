using Titer.Tournament.Calibration;

namespace Titer.Cli.Printed;

/// <summary>What <c>scenario calibrate --json</c> prints.</summary>
/// <param name="AttackSeconds">A budget of seconds that is several times what the steps of an
/// attack take here; null when nothing was played.</param>
internal sealed record CalibrationDocument(string Scenario, string Device, double? AttackSeconds, IReadOnlyList<CalibratedAttack> Attacks);

/// <summary>One attack.</summary>
/// <param name="Rates">Null when no rate does harm, or the subject did before.</param>
/// <param name="HarmBefore">Of the undefended subject, before any step.</param>
/// <param name="HarmThreshold">What counts as harm.</param>
/// <param name="Outcomes">Harm by learning rate.</param>
/// <param name="Problem">Why there are no rates.</param>
internal sealed record CalibratedAttack(string Attack, CalibratedRates? Rates, double HarmBefore, double HarmThreshold,
    IReadOnlyList<RateOutcome> Outcomes, string? Problem);
