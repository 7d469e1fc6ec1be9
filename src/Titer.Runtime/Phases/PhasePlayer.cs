using System.Runtime.InteropServices;
using Titer.Files.Codes;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Scenarios;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// Plays one phase in this process, on the calling thread but for the plugin's own code, which gets a thread of its own. Whatever the plugin
/// throws becomes a result; what it does to the process (abort, exit, endless loops) is the worker supervisor's business.
/// </summary>
internal sealed class PhasePlayer(IPhaseHost host)
{
    /// <exception cref="Titer.Models.Checkpoints.CheckpointException">The subject, or what a defense made of it, cannot be opened.</exception>
    /// <exception cref="MachineFaultException">The machine, not a plugin, is at fault.</exception>
    public PhaseResult Play(PhaseOrder order, IPhaseEvents events, CancellationToken cancellation)
    {
        events.Report(new PhaseProgress(PhaseStage.Loading));
        NativeTorch.EnsureLoaded();
        var environment = PlayEnvironments.Of(order.Device);
        var pluginRan = false;
        try
        {
            return PlayLoaded(order, events, () => pluginRan = true, cancellation) with { Environment = environment };
        }
        catch (MetricFaultException e)
        {
            return order.Phase.Failed(PhaseStatus.Error, e.Code, ((ICoded)e).Text) with { Environment = environment };
        }
        catch (ExternalException e) when (PluginFault.Of(e) is { IsOutOfGpuMemory: true } fault)
        {
            var reason = PhaseVerdict.OutOfGpuMemoryReason("The host's own work (loading, evaluation)", MemoryRequest.Of(fault.Message));
            // A GPU that is full before any plugin ran is full of somebody else's.
            return pluginRan
                ? order.Phase.Failed(PhaseStatus.Error, "TITER218", reason) with { Environment = environment }
                : throw new MachineFaultException("TITER218", reason, e);
        }
    }

    private PhaseResult PlayLoaded(PhaseOrder order, IPhaseEvents events, Action pluginRuns, CancellationToken cancellation)
    {
        var session = host.Session(order);
        if (!session.Scenario.SubjectIsUnchanged)
            throw new MachineFaultException("TITER209",
                $"The subject in {order.SubjectFolder} changed while the tournament ran. Start the run again.");

        if (order.CheckpointFolder is not null) return new CheckpointPhase(order, session).Play();
        var model = session.LoadSubject(order.WeightsFile);
        PluginStage? stage = null;
        PluginStage? then = null;
        PhaseResult? result = null;
        try
        {
            return result = order.Phase.Kind == PhaseKind.Assess
                ? new AssessPhase(order, session, events).Play(model)
                : PlayPlugin(order, session, events, model,
                    (stage = OpenStage(order, events, pluginRuns), then = order.Then is { } next ? OpenStage(next, events, pluginRuns) : null),
                        cancellation);
        }
        finally
        {
            // What still runs may be at the weights: freeing them under it would end the process before it can say so.
            if (result?.Code != PluginFaultResult.StillRunningCode)
            {
                then?.Dispose();
                stage?.Dispose();
                model.Dispose();
            }
        }
    }

    private PluginStage OpenStage(PhaseOrder order, IPhaseEvents events, Action pluginRuns)
    {
        // Module initializers and static fields are the plugin's code, too.
        events.Report(new PhaseProgress(PhaseStage.Playing, Call: PluginCall.Load));
        pluginRuns();
        var stage = host.Stage(order);
        events.Report(new PhaseProgress(PhaseStage.Loading));
        return stage;
    }

    private static PhaseResult PlayPlugin(PhaseOrder order, ScenarioSession session, IPhaseEvents events, CausalLanguageModel model,
        (PluginStage First, PluginStage? Then) stages, CancellationToken cancellation)
    {
        if ((stages.First.Problem ?? stages.Then?.Problem) is { } problem)
            return order.Phase.Failed(PhaseStatus.Error, problem.Code, $"{problem.Fact} {problem.Fix}");
        return order.Phase.Kind == PhaseKind.Defend
            ? new DefendPhase(order, session, events, cancellation).Play(model, stages.First)
            : new AttackPhase(order, session, events, cancellation).Play(model, stages.First, stages.Then);
    }
}
