using Titer.Runtime.Plugins;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>What a plugin threw, or left behind, as a phase's result.</summary>
internal static class PluginFaultResult
{
    /// <param name="role"><c>defense</c> or <c>attack</c>.</param>
    public static PhaseResult Of(PhaseOrder order, string role, PluginFault fault) => fault switch
    {
        { IsBudgetExceeded: true } => order.Phase.Failed(PhaseStatus.Error, "TITER202", $"The {role} ran over its budget: {fault.Message} Bound its loop by context.Budget.StepsLeft."),
        { IsOutOfGpuMemory: true } => order.Phase.Failed(PhaseStatus.Error, "TITER218", PhaseVerdict.OutOfGpuMemoryReason($"The {role}", MemoryRequest.Of(fault.Message))),
        { IsOutOfMemory: true } => order.Phase.Failed(PhaseStatus.Error, PhaseVerdict.OutOfMemoryCode, PhaseVerdict.OutOfMemoryReason(order.Limits, MemoryRequest.Of(fault.Message))),
        { Kind: "System.AccessViolationException" } => order.Phase.Failed(PhaseStatus.Error, PhaseVerdict.CrashCode,
            $"The {role} touched memory that is not its own ({fault.Message}); its process counts as crashed. Check pointers, spans and native calls."),
        _ => order.Phase.Failed(PhaseStatus.Error, "TITER201", $"The {role} threw {fault.Kind}: {fault.Message}"),
    };

    /// <summary>A result when the plugin left torch's global settings changed; they are restored either way.</summary>
    public static PhaseResult? OfGlobals(PhaseOrder order, string role, TorchState before)
    {
        if (before.Difference() is not { } difference) return null;
        before.Restore();
        return order.Phase.Failed(PhaseStatus.Error, "TITER215",
            $"The {role} changed torch's global state and left it so: {difference}. Pass dtype and device to the functions that take them, or restore what you set.");
    }
}
