using System.Runtime.InteropServices;
using Titer.Models.Checkpoints;
using Titer.Models.Native;
using Titer.Runtime.Plugins;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// Plays one phase in this process, on the calling thread but for the plugin's own code, which gets a thread of its own. Whatever the plugin
/// throws becomes a result; what it does to the process (abort, exit, endless loops) is the worker supervisor's business.
/// </summary>
public sealed class PhasePlayer(IPhaseHost host)
{
    public PhaseResult Play(PhaseOrder order, IPhaseEvents events, CancellationToken cancellation)
    {
        events.Report(new PhaseProgress(PhaseStage.Loading));
        NativeTorch.EnsureLoaded();
        var environment = PlayEnvironments.Of(order.Device);
        try
        {
            return PlayLoaded(order, events, cancellation) with { Environment = environment };
        }
        catch (CheckpointException e)
        {
            // The subject cannot be opened: no fault of the plugin, and none of the host. The message begins with its code.
            var (code, fact) = (e.Message.Split(' ', 2)[0], e.Message.Split(' ', 2)[^1]);
            return order.Phase.Failed(PhaseStatus.Error, code, fact) with { Environment = environment };
        }
        catch (ExternalException e) when (PluginFault.Of(e) is { IsOutOfGpuMemory: true } fault)
        {
            return order.Phase.Failed(PhaseStatus.Error, "TITER218", PhaseVerdict.OutOfGpuMemoryReason("The host's own work (loading, evaluation)", MemoryRequest.Of(fault.Message))) with { Environment = environment };
        }
    }

    private PhaseResult PlayLoaded(PhaseOrder order, IPhaseEvents events, CancellationToken cancellation)
    {
        var session = host.Session(order);
        if (!session.Scenario.SubjectIsUnchanged)
            return order.Phase.Failed(PhaseStatus.Error, "TITER209", $"The subject in {order.SubjectFolder} changed while the tournament ran. Start the run again.");

        using var model = session.LoadSubject(order.WeightsFile);
        if (order.Phase.Kind == PhaseKind.Assess) return new AssessPhase(order, session, events).Play(model);

        using var stage = host.Stage(order);
        if (stage.Problem is { } problem) return order.Phase.Failed(PhaseStatus.Error, problem.Code, $"{problem.Fact} {problem.Fix}");
        return order.Phase.Kind == PhaseKind.Defend
            ? new DefendPhase(order, session, events, cancellation).Play(model, stage)
            : new AttackPhase(order, session, events, cancellation).Play(model, stage);
    }
}
