using Autofac;
using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Models.Native;
using Titer.Runtime.Plugins;
using Titer.Scenarios;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// Plays one phase in this process, on the calling thread but for the plugin's own code, which gets a thread of its own. Whatever the plugin
/// throws becomes a result; what it does to the process (abort, exit, endless loops) is the worker supervisor's business.
/// </summary>
public sealed class PhasePlayer(ILifetimeScope scope)
{
    public PhaseResult Play(PhaseOrder order, IPhaseEvents events, CancellationToken cancellation)
    {
        events.Report(new PhaseProgress(PhaseStage.Loading));
        NativeTorch.EnsureLoaded();
        var scenario = Scenario.Open(order.Scenario);
        if (scenario.Hash != order.ScenarioHash)
            return order.Phase.Failed(PhaseStatus.Error, "TITER209", $"The scenario '{order.Scenario}' changed while the tournament ran. Restart the run.");

        var session = ScenarioSession.Open(scenario, DeviceSelection.Open(order.Device));
        using var model = LoadModel(order, session);
        if (order.Phase.Kind == PhaseKind.Assess) return new AssessPhase(order, session, events).Play(model);

        using var host = PluginStage.Open(scope, order);
        if (host.Problem is { } problem) return order.Phase.Failed(PhaseStatus.Error, problem.Code, $"{problem.Fact} {problem.Fix}");
        return order.Phase.Kind == PhaseKind.Defend
            ? new DefendPhase(order, session, events, cancellation).Play(model, host)
            : new AttackPhase(order, session, events, cancellation).Play(model, host);
    }

    private static CausalLanguageModel LoadModel(PhaseOrder order, ScenarioSession session)
    {
        var model = session.LoadSubject();
        if (order.WeightsFile is { } weights) CheckpointReader.ReadWeights(model, weights);
        return model;
    }
}
