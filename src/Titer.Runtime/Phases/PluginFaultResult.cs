using Titer.Plugins;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>What a plugin threw, or left behind, as a phase's result.</summary>
internal static class PluginFaultResult
{
    /// <summary>The plugin returned, and code of it runs on: its process is not used again.</summary>
    public const string StillRunningCode = "TITER225";

    /// <param name="role"><c>defense</c> or <c>attack</c>.</param>
    public static PhaseResult Of(PhaseOrder order, string role, PluginFault fault) =>
        Verdict(order, role, fault) with { Trace = fault.Trace.Length > 0 ? fault.Trace : null };

    private static PhaseResult Verdict(PhaseOrder order, string role, PluginFault fault) => fault switch
    {
        { IsBudgetExceeded: true } =>
            order.Phase.Failed(PhaseStatus.Error, "TITER202",
                $"The {role} ran over its budget: {fault.Message} Bound its loop by context.Budget.StepsLeft."),
        { IsOutOfGpuMemory: true } =>
            order.Phase.Failed(PhaseStatus.Error, "TITER218", PhaseVerdict.OutOfGpuMemoryReason($"The {role}", MemoryRequest.Of(fault.Message))),
        { IsOutOfMemory: true } when MachineMemory.IsShort(order.Limits, MemoryRequest.Of(fault.Message)) =>
            order.Phase.Failed(PhaseStatus.Error, MachineFaultException.MemoryCode,
            $"The machine had no memory for the {role}, which was within its own. Use fewer lanes (--lanes), or a machine with more memory."),
        { IsOutOfMemory: true } => order.Phase.Failed(PhaseStatus.Error, PhaseVerdict.OutOfMemoryCode,
            PhaseVerdict.OutOfMemoryReason(order.Limits, MemoryRequest.Of(fault.Message))),
        { IsOutOfDisk: true } => order.Phase.Failed(PhaseStatus.Error, MachineFaultException.DiskCode,
            $"The disk was full when the {role} wrote to it: {fault.Message} Make room in {Path.GetTempPath()}, or set TMPDIR to a folder that "
                + "has some."),
        { IsStillRunning: true } => order.Phase.Failed(PhaseStatus.Error, StillRunningCode,
            $"The {role} returned while {fault.Message} still ran. What comes after its return does not count: await or join everything before "
                + "it, and use async Task in place of async void."),
        { Kind: "System.AccessViolationException" } => order.Phase.Failed(PhaseStatus.Error, PhaseVerdict.CrashCode,
            $"The {role} touched memory that is not its own ({fault.Message}); its process counts as crashed. Check pointers, spans and native "
                + "calls."),
        _ => order.Phase.Failed(PhaseStatus.Error, "TITER201", $"The {role} threw {fault.Kind}: {fault.Message}"),
    };

    /// <summary>A result when the weights are not what they were when the plugin returned.</summary>
    public static PhaseResult? OfChangedWeights(PhaseOrder order, string role, WeightsMark before, CausalLanguageModel model) =>
        before == WeightsMark.Of(model) ? null : Of(order, role, PluginFault.StillRunning("code of it that changes the weights"));

    /// <summary>A result when the plugin left torch's global settings changed; they are restored either way.</summary>
    public static PhaseResult? OfGlobals(PhaseOrder order, string role, TorchState before)
    {
        if (before.Difference() is not { } difference) return null;
        before.Restore();
        return order.Phase.Failed(PhaseStatus.Error, "TITER215",
            $"The {role} changed torch's global state and left it so: {difference}. Pass dtype and device to the functions that take them, or "
                + "restore what you set.");
    }
}
