using System.Runtime.InteropServices;
using Titer.Files.Codes;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Phases.Measuring;
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
    /// <param name="line">To the other process of the phase; null where this one plays all of it.</param>
    public PhaseResult Play(PhaseOrder order, IPhaseEvents events, CancellationToken cancellation, ISupervisorLine? line = null)
    {
        var result = Played(order, events, line, cancellation);
        // Whatever the phase came to: what was judged is judged.
        if (order.OutputVerdictsFile is { } file) host.MeasuringSession(order).WriteVerdicts(file);
        return result;
    }

    private PhaseResult Played(PhaseOrder order, IPhaseEvents events, ISupervisorLine? line, CancellationToken cancellation)
    {
        events.Report(new PhaseProgress(PhaseStage.Loading));
        NativeTorch.EnsureLoaded();
        var environment = PlayEnvironments.Of(order.Device);
        var pluginRan = false;
        try
        {
            return PlayLoaded(order, events, line, () => pluginRan = true, cancellation) with { Environment = environment };
        }
        catch (Exception e) when (e is MetricFaultException or UnreadAnswersException)
        {
            var fault = (ICoded)e;
            return order.Phase.Failed(PhaseStatus.Error, fault.Code, fault.Text) with { Environment = environment };
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

    private PhaseResult PlayLoaded(PhaseOrder order, IPhaseEvents events, ISupervisorLine? line, Action pluginRuns, CancellationToken cancellation)
    {
        var session = order.Role == PhaseRole.Measurer ? host.MeasuringSession(order) : host.Session(order);
        if (!session.Scenario.SubjectIsUnchanged)
            throw new MachineFaultException("TITER209",
                $"The subject in {order.SubjectFolder} changed while the tournament ran. Start the run again.");

        if (order.CheckpointFolder is not null) return new CheckpointPhase(order, session).Play();
        if (order is { Program: { } program, Phase.Kind: PhaseKind.Defend }) return new ProgramPhase(order, program, session, events).Play();
        var model = session.LoadSubject(order.WeightsFile);
        List<PluginStage> stages = [];
        PhaseResult? result = null;
        try
        {
            return result = order switch
            {
                { Role: PhaseRole.Measurer } => new MeasurePhase(order, session, line!, events).Play(model),
                { Program: { } attack } =>
                    new ProgramAttackPhase(order, attack, session, MeasurementOf(order, events, line, model), events).Play(model),
                { Phase.Kind: PhaseKind.Assess } => new AssessPhase(order, session, events).Play(model),
                _ => PlayPlugin(order, session, events, line, model,
                    () =>
                    {
                        stages.Add(OpenStage(order, events, pluginRuns));
                        if (order.Then is { } next) stages.Add(OpenStage(next, events, pluginRuns));
                        return stages;
                    },
                    cancellation),
            };
        }
        finally
        {
            // What still runs may be at the weights: freeing them under it would end the process before it can say so.
            if (result?.Code != PluginFaultResult.StillRunningCode)
            {
                foreach (var stage in Enumerable.Reverse(stages)) stage.Dispose();
                model.Dispose();
            }
        }
    }

    private PluginStage OpenStage(PhaseOrder order, IPhaseEvents events, Action pluginRuns)
    {
        // Also of one that is loaded already. Module initializers and static fields are the plugin's code, too.
        pluginRuns();
        var stage = host.Stage(order, () => events.Report(new PhaseProgress(PhaseStage.Playing, Call: PluginCall.Load)));
        events.Report(new PhaseProgress(PhaseStage.Loading));
        return stage;
    }

    private PhaseResult PlayPlugin(
        PhaseOrder order, ScenarioSession session, IPhaseEvents events, ISupervisorLine? line, CausalLanguageModel model,
        Func<IReadOnlyList<PluginStage>> open, CancellationToken cancellation)
    {
        // Data are read before the first line of the plugin runs: neither its time nor its processor's.
        Func<IReadOnlyList<PluginStage>, PhaseResult> play;
        if (order.Phase.Kind == PhaseKind.Defend)
        {
            var defend = new DefendPhase(order, session, ReleaseOf(order, session, line, model), events, cancellation);
            play = stages => defend.Play(model, stages[0]);
        }
        else
        {
            var attack = new AttackPhase(order, session, MeasurementOf(order, events, line, model), events, cancellation);
            play = stages => attack.Play(model, stages[0], stages.ElementAtOrDefault(1));
        }

        var stages = open();
        return stages.Select(s => s.Problem).FirstOrDefault(p => p is not null) is { } problem
            ? order.Phase.Failed(PhaseStatus.Error, problem.Code, $"{problem.Fact} {problem.Fix}")
            : play(stages);
    }

    private IMeasurement MeasurementOf(PhaseOrder order, IPhaseEvents events, ISupervisorLine? line, CausalLanguageModel model) =>
        order.Role == PhaseRole.Player
        ? new HandOverMeasurement(order.HandOverFile!, model, line!)
        : new InProcessMeasurement(new TrajectoryMeasurer(order, host.MeasuringSession(order), events), events);

    private static IRelease ReleaseOf(PhaseOrder order, ScenarioSession session, ISupervisorLine? line, CausalLanguageModel model) =>
        order.Role == PhaseRole.Player
        ? new HandedRelease(order.HandOverFile!, model, line!)
        : new WrittenRelease(order.OutputWeightsFile!, session.Scenario.SubjectFolder);
}
