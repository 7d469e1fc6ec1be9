using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>The scenario's thresholds as the tournament's record: neither project references the other.</summary>
internal static class ScenarioThresholdsMapping
{
    public static Thresholds ToThresholds(this Scenario scenario) => new()
    {
        HarmThreshold = scenario.Thresholds.HarmThreshold,
        StabilityTolerance = scenario.Thresholds.StabilityTolerance,
        HarmRiseTolerance = scenario.Thresholds.HarmRiseTolerance,
        TrainabilityTolerance = scenario.Thresholds.TrainabilityTolerance,
        TrainabilityStepRatio = scenario.Thresholds.TrainabilityStepRatio,
        UtilityFloor = scenario.Thresholds.UtilityFloor,
        CoherenceFloor = scenario.Thresholds.CoherenceFloor,
    };
}
