using Titer.Models;
using Titer.Plugins;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// Keeps the device and a scenario's data loaded over many phases of one process: an author's. The plugin under test comes from whoever
/// watches it; all others are loaded for their phase.
/// </summary>
/// <param name="own">The stage of the plugin under test; null for every other plugin.</param>
/// <param name="ownMetric">The metric under test; null for every other one.</param>
internal sealed class WarmPhaseHost(PluginRoot root, Scenario scenario, string device, Func<PhaseOrder, PluginStage?> own, Func<MetricOrder,
    MetricStage?>? ownMetric = null) : IPhaseHost
{
    private readonly Lazy<ScenarioSession> _session = new(() => ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open(device)));
    private readonly List<MetricStage> _underTest = [];
    private LoadedMetrics? _others;

    public ScenarioSession Session(PhaseOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return order.Phase.Kind == PhaseKind.Assess ? MeasuringSession(order) : _session.Value;
    }

    /// <summary>A metric under test is another build in every match: its sessions are opened for their phase.</summary>
    public ScenarioSession MeasuringSession(PhaseOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (order.Metrics.Count == 0) return _session.Value;
        ReleaseMetrics();
        var part = ScenarioPart.Read(order.MeasurementPartFile ?? order.ScenarioPartFile);
        return ScenarioSession.Open(part, _session.Value.Device, choice => Metric(order, choice));
    }

    public PluginStage Stage(PhaseOrder order, Action runs) => own(order) ?? PluginStage.Open(root, order, runs);

    /// <summary>Loads torch's kernels, the data and the subject before they are needed.</summary>
    public void WarmUp()
    {
        using var model = _session.Value.LoadSubject();
        _session.Value.Evaluate(model, [.. scenario.Domains.Known]);
    }

    /// <summary>Ends the leases of the metric under test: what is leased does not unload.</summary>
    public void ReleaseMetrics()
    {
        foreach (var stage in _underTest) stage.Dispose();
        _underTest.Clear();
    }

    private IMetric Metric(PhaseOrder order, MetricChoice choice)
    {
        if (order.NumberOf(choice) is not { } number) return choice.Open();
        if (ownMetric?.Invoke(order.Metrics[number]) is not { } stage) return (_others ??= new LoadedMetrics(root)).Open(order, number);
        _underTest.Add(stage);
        return stage;
    }
}
