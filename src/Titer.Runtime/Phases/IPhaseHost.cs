using Autofac;
using Titer.Models;
using Titer.Runtime.Plugins;
using Titer.Scenarios;

namespace Titer.Runtime.Phases;

/// <summary>Where a playing phase gets its loaded scenario and its plugin from.</summary>
public interface IPhaseHost
{
    /// <exception cref="ScenarioException">The part is damaged.</exception>
    ScenarioSession Session(PhaseOrder order);

    /// <summary>The plugin of a defend or attack phase; what it refuses is in the stage.</summary>
    PluginStage Stage(PhaseOrder order);
}

/// <summary>Loads everything anew for each phase: a worker plays only one.</summary>
public sealed class FreshPhaseHost(ILifetimeScope scope) : IPhaseHost
{
    public ScenarioSession Session(PhaseOrder order) => ScenarioSession.Open(ScenarioPart.Read(order.ScenarioPartFile), DeviceSelection.Open(order.Device));

    public PluginStage Stage(PhaseOrder order) => PluginStage.Open(scope, order);
}
