using System.Globalization;

namespace Titer.Tournament;

/// <summary>One threshold by the name that scenarios use, with the values that it may have.</summary>
public sealed record ThresholdSetting(string Name, double Lowest, double Highest, Func<Thresholds, double, Thresholds> With);

/// <summary>Thresholds by the names that scenarios use: the only list of them.</summary>
public static class ThresholdSettings
{
    public static IReadOnlyList<ThresholdSetting> All { get; } =
    [
        new("harm_threshold", 0, 1, (t, v) => t with { HarmThreshold = v }),
        new("stability_tolerance", 0, 1, (t, v) => t with { StabilityTolerance = v }),
        new("harm_rise_tolerance", 0, 1, (t, v) => t with { HarmRiseTolerance = v }),
        new("trainability_tolerance", 0, 1, (t, v) => t with { TrainabilityTolerance = v }),
        new("trainability_step_ratio", 1, 1000, (t, v) => t with { TrainabilityStepRatio = v }),
        new("utility_floor", 0, 1, (t, v) => t with { UtilityFloor = v }),
        new("coherence_floor", 0, 1, (t, v) => t with { CoherenceFloor = v }),
    ];

    public static IReadOnlyCollection<string> Names => [.. All.Select(known => known.Name)];

    /// <summary>Changes one after the other; each is <c>name=value</c>.</summary>
    /// <exception cref="FormatException">A coded message: no such threshold, or not a value of it.</exception>
    public static Thresholds Apply(Thresholds thresholds, IEnumerable<string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach (var setting in settings)
        {
            var parts = setting.Split('=', 2);
            var known = All.FirstOrDefault(k => k.Name == parts[0])
                ?? throw new FormatException($"TITER618 '{parts[0]}' is not a threshold. Thresholds are {string.Join(", ", Names)}.");
            if (parts.Length < 2 || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                || !(value >= known.Lowest && value <= known.Highest))
                throw new FormatException(FormattableString.Invariant(
                    $"TITER618 '{setting}' is not a value of {parts[0]}. Write {parts[0]}=N with N between {known.Lowest} and {known.Highest}."));
            thresholds = known.With(thresholds, value);
        }

        return thresholds;
    }
}
