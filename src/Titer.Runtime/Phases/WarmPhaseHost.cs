using Titer.Models;
using Titer.Plugins;
using Titer.Scenarios;

namespace Titer.Runtime.Phases;

/// <summary>
/// Keeps the device and a scenario's data loaded over many phases of one process: an author's. The plugin under test comes from whoever
/// watches it; all others are loaded for their phase.
/// </summary>
/// <param name="own">The stage of the plugin under test; null for every other plugin.</param>
public sealed class WarmPhaseHost(PluginRoot root, Scenario scenario, string device, Func<PhaseOrder, PluginStage?> own) : IPhaseHost
{
    private readonly Lazy<ScenarioSession> _session = new(() => ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open(device)));

    public ScenarioSession Session(PhaseOrder order) => _session.Value;

    public ScenarioSession MeasuringSession(PhaseOrder order) => _session.Value;

    public PluginStage Stage(PhaseOrder order) => own(order) ?? PluginStage.Open(root, order);

    /// <summary>Loads torch's kernels, the data and the subject before they are needed.</summary>
    public void WarmUp()
    {
        using var model = _session.Value.LoadSubject();
        _session.Value.Evaluate(model, [.. scenario.Domains.Known]);
    }
}
