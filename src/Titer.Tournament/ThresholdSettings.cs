using System.Collections.Frozen;
using System.Globalization;

namespace Titer.Tournament;

/// <summary>Thresholds by the names that scenarios use.</summary>
public static class ThresholdSettings
{
    private static readonly FrozenDictionary<string, (double Lowest, double Highest, Func<Thresholds, double, Thresholds> With)> Known =
        new Dictionary<string, (double Lowest, double Highest, Func<Thresholds, double, Thresholds> With)>
    {
        ["harm_threshold"] = (0, 1, (t, v) => t with { HarmThreshold = v }),
        ["stability_tolerance"] = (0, 1, (t, v) => t with { StabilityTolerance = v }),
        ["harm_rise_tolerance"] = (0, 1, (t, v) => t with { HarmRiseTolerance = v }),
        ["trainability_tolerance"] = (0, 1, (t, v) => t with { TrainabilityTolerance = v }),
        ["trainability_step_ratio"] = (1, 1000, (t, v) => t with { TrainabilityStepRatio = v }),
        ["utility_floor"] = (0, 1, (t, v) => t with { UtilityFloor = v }),
        ["coherence_floor"] = (0, 1, (t, v) => t with { CoherenceFloor = v }),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => [.. Known.Keys];

    /// <summary>Changes one after the other; each is <c>name=value</c>.</summary>
    /// <exception cref="FormatException">A coded message: no such threshold, or not a value of it.</exception>
    public static Thresholds Apply(Thresholds thresholds, IEnumerable<string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach (var setting in settings)
        {
            var parts = setting.Split('=', 2);
            if (!Known.TryGetValue(parts[0], out var known))
                throw new FormatException($"TITER618 '{parts[0]}' is not a threshold. Thresholds are {string.Join(", ", Known.Keys)}.");
            if (parts.Length < 2 || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                || !(value >= known.Lowest && value <= known.Highest))
                throw new FormatException(FormattableString.Invariant(
                    $"TITER618 '{setting}' is not a value of {parts[0]}. Write {parts[0]}=N with N between {known.Lowest} and {known.Highest}."));
            thresholds = known.With(thresholds, value);
        }

        return thresholds;
    }
}
