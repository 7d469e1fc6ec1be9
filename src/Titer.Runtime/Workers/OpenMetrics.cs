using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Sdk;

namespace Titer.Runtime.Workers;

/// <summary>Metrics as the host's own code asks them: its own in this process, strangers' in theirs.</summary>
internal sealed class OpenMetrics(MetricWorkers workers, IReadOnlyList<MetricOrder> plugins) : IAsyncDisposable
{
    /// <exception cref="ScenarioException">It is none of the host's own and none of these plugins.</exception>
    public IMetric Open(MetricChoice choice) => plugins.FirstOrDefault(p => p.Is(choice)) is { } plugin ? workers.Open(plugin) : choice.Open();

    public ValueTask DisposeAsync() => workers.DisposeAsync();
}
