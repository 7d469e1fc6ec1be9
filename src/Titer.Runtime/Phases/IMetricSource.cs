using Titer.Files;
using Titer.Plugins;
using Titer.Sdk;

namespace Titer.Runtime.Phases;

/// <summary>
/// Where the strangers' metrics of a phase answer: in a process of their own, over the pipe, for whatever is scored; in this process for authors.
/// </summary>
internal interface IMetricSource
{
    /// <param name="number">Which of the order's metrics, from 0.</param>
    IMetric Open(PhaseOrder order, int number);
}

/// <summary>Loads them into this process: for authors and tests, where a stranger's metric is one's own.</summary>
internal sealed class LoadedMetrics(PluginRoot root) : IMetricSource, IDisposable
{
    private readonly ScratchFolder _scratch = ScratchFolder.Create();
    private readonly Dictionary<string, MetricStage> _stages = new(StringComparer.Ordinal);

    public IMetric Open(PhaseOrder order, int number)
    {
        ArgumentNullException.ThrowIfNull(order);
        var metric = order.Metrics[number];
        return _stages.TryGetValue(metric.Key, out var stage) ? stage
            : _stages[metric.Key] = MetricStage.Open(root, metric, _scratch.Path, TimeSpan.FromSeconds(metric.Limits.Seconds));
    }

    public void Dispose()
    {
        foreach (var stage in _stages.Values) stage.Dispose();
        _scratch.Dispose();
    }
}
