using Titer.Models;
using Titer.Plugins;
using Titer.Scenarios;
using Titer.Sdk;

namespace Titer.Runtime.Phases;

/// <summary>Where a playing phase gets its loaded scenario and its plugin from.</summary>
internal interface IPhaseHost
{
    /// <exception cref="ScenarioException">The part is damaged.</exception>
    ScenarioSession Session(PhaseOrder order);

    /// <summary>The part with the evaluation prompts, for the process that measures an attack.</summary>
    /// <exception cref="ScenarioException">The part is damaged.</exception>
    ScenarioSession MeasuringSession(PhaseOrder order);

    /// <summary>The plugin of a defend or attack phase; what it refuses is in the stage.</summary>
    /// <param name="runs">Called before the first of its code may run, unless it is loaded already.</param>
    PluginStage Stage(PhaseOrder order, Action runs);
}

/// <summary>
/// A worker's: opens the device once, a scenario's part when a phase first asks for it, and every plugin anew. A worker of a stranger's plugin
/// plays one phase and sees one part.
/// </summary>
/// <param name="metrics">Where strangers' metrics answer; null loads them here.</param>
internal sealed class WorkerPhaseHost(PluginRoot scope, IMetricSource? metrics = null) : IPhaseHost
{
    private readonly Dictionary<string, ScenarioSession> _sessions = [];
    private DeviceContext? _device;
    private IMetricSource? _metrics = metrics;

    public ScenarioSession Session(PhaseOrder order) => Session(order, order.ScenarioPartFile);

    public ScenarioSession MeasuringSession(PhaseOrder order) => Session(order, order.MeasurementPartFile ?? order.ScenarioPartFile);

    public PluginStage Stage(PhaseOrder order, Action runs) => PluginStage.Open(scope, order, runs, looksForThreads: !order.RunsOnlyHostCode);

    private ScenarioSession Session(PhaseOrder order, string partFile)
    {
        _device ??= DeviceSelection.Open(order.Device);
        if (_sessions.TryGetValue(partFile, out var session)) return session;
        return _sessions[partFile] = ScenarioSession.Open(ScenarioPart.Read(partFile), _device, choice => Metric(order, choice),
            order.VerdictsFolder);
    }

    private IMetric Metric(PhaseOrder order, MetricChoice choice) =>
        order.NumberOf(choice) is { } number ? (_metrics ??= new LoadedMetrics(scope)).Open(order, number) : choice.Open();
}
