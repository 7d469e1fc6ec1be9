using System.Globalization;
using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>A phase's outcome in a few words.</summary>
internal static class PhaseSummary
{
    public static string Of(PhaseResult result)
    {
        if (result.Status != PhaseStatus.Done) return $"{result.Status.ToString().ToLowerInvariant()} {result.Code} {result.Reason}";
        return result switch
        {
            { Trajectory: { } trajectory } =>
                string.Create(CultureInfo.InvariantCulture,
                    $"max harm {Enumerable.Range(0, trajectory.Checkpoints.Count).Max(trajectory.HarmAt):0.00}{
                        (trajectory.IsStopped ? $", breach confirmed at step {trajectory.Checkpoints[^1].Step}"
                            : trajectory.IsGivenUp ? $", model beyond use at step {trajectory.Checkpoints[^1].Step}" : "")}"),
            { Assessment: { } assessment } =>
                string.Create(CultureInfo.InvariantCulture,
                    $"utility {assessment.Utility.Average():0.00}, harm {assessment.WorstHarm.Average():0.00}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{result.Spent.Steps} steps"),
        };
    }
}
