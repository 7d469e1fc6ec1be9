using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Models.Memory;
using Titer.Models.Native;
using Titer.Scenarios;
using Titer.Scenarios.Data;
using Titer.Scenarios.Judges;

namespace Titer.Runtime.Tournaments;

/// <summary>What of a scenario says how much memory its phases take.</summary>
/// <param name="WeightBytes">Of a weight as the device computes with it.</param>
/// <param name="Judges">With the tokens that each reads at most.</param>
internal sealed record SubjectSizes(ModelDimensions Model, RowLengths Lengths, int NewTokens, TrainabilitySettings Trainability, int WeightBytes,
    bool IsGpu, IReadOnlyList<(ModelDimensions Model, int MaxLength)> Judges)
{
    /// <summary>Prompts that are answered together at least, where there are as many.</summary>
    public const int FewestAsked = 32;

    /// <exception cref="Titer.Models.Checkpoints.CheckpointException">A configuration cannot be read.</exception>
    public static SubjectSizes Of(Scenario scenario, string device) =>
        new(CheckpointShape.Dimensions(scenario.SubjectFolder), RowLengths.Of(scenario),
        scenario.Evaluation.MaxNewTokens, scenario.Trainability,
        // A CPU computes in float32, a GPU in bfloat16 where it has it; one that is not here is taken for such a one.
        device == "cpu" || CudaDriver.MajorCapability(DeviceSelection.IndexOf(device)) < 8 ? 4 : 2,
        device != "cpu",
        scenario.Metrics.Harm.IsJudge
            // A judge reads no more than it can, whatever its profile allows.
            ? [.. JudgePanel.Of(scenario.Metrics.Harm.Options).Judges.Select(j => (CheckpointShape.Dimensions(j.Folder),
                Math.Min(j.Profile.MaxLength, CheckpointShape.In(j.Folder).MaxLength)))]
            : []);
}
