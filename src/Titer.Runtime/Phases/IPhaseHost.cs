using Titer.Models;
using Titer.Plugins;
using Titer.Scenarios;
using Titer.Sdk;

namespace Titer.Runtime.Phases;

/// <summary>Where a playing phase gets its loaded scenario and its plugin from.</summary>
public interface IPhaseHost
{
    /// <exception cref="ScenarioException">The part is damaged.</exception>
    ScenarioSession Session(PhaseOrder order);

    /// <summary>The part with the evaluation prompts, for the process that measures an attack.</summary>
    /// <exception cref="ScenarioException">The part is damaged.</exception>
    ScenarioSession MeasuringSession(PhaseOrder order);

    /// <summary>The plugin of a defend or attack phase; what it refuses is in the stage.</summary>
    PluginStage Stage(PhaseOrder order);
}

/// <summary>
/// A worker's: opens the device once, a scenario's part when a phase first asks for it, and every plugin anew. A worker of a stranger's plugin
/// plays one phase and sees one part.
/// </summary>
public sealed class WorkerPhaseHost(PluginRoot scope) : IPhaseHost
{
    private readonly Dictionary<string, ScenarioSession> _sessions = [];
    private DeviceContext? _device;

    public ScenarioSession Session(PhaseOrder order) => Session(order.ScenarioPartFile, order.Device);

    public ScenarioSession MeasuringSession(PhaseOrder order) => Session(order.MeasurementPartFile ?? order.ScenarioPartFile, order.Device);

    public PluginStage Stage(PhaseOrder order) => PluginStage.Open(scope, order, looksForThreads: !order.RunsOnlyHostCode);

    private ScenarioSession Session(string partFile, string device)
    {
        _device ??= DeviceSelection.Open(device);
        if (_sessions.TryGetValue(partFile, out var session)) return session;
        return _sessions[partFile] = ScenarioSession.Open(ScenarioPart.Read(partFile), _device);
    }
}
