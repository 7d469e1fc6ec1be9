using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Sdk;

namespace Titer.Runtime.Workers;

/// <summary>Metrics as the host's own code asks them: its own in this process, strangers' and judge models in theirs.</summary>
/// <param name="judges">Opens a judge model; null where none can be asked.</param>
internal sealed class OpenMetrics(MetricWorkers workers, IReadOnlyList<MetricOrder> plugins, Func<MetricChoice, IMetric>? judges = null)
    : IAsyncDisposable
{
    /// <exception cref="ScenarioException">It is none of the host's own and none of these plugins.</exception>
    public IMetric Open(MetricChoice choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        return plugins.FirstOrDefault(p => p.Is(choice)) is { } plugin ? workers.Open(plugin)
            : choice.IsJudge && judges is not null ? judges(choice) : choice.Open();
    }

    public ValueTask DisposeAsync() => workers.DisposeAsync();
}
