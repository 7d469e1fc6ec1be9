using System.Collections.Concurrent;
using System.Text.Json;
using Titer.Files.Codes;
using Titer.Runtime.Phases;
using Titer.Sdk;

namespace Titer.Runtime.Workers;

/// <summary>
/// The processes of the strangers' metrics: one for each metric with its options, started when it is first asked, and again after it ended.
/// </summary>
internal sealed class MetricWorkers(string workerDll, WorkerProtection protection) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<MetricWorker>> _workers = new(StringComparer.Ordinal);

    /// <summary>One score in [0, 1] for each answer, in order.</summary>
    /// <exception cref="MetricFaultException">The metric gave none.</exception>
    /// <exception cref="WorkerStartException">No process came up.</exception>
    public Task<double[]> ScoreAsync(MetricOrder metric, MetricContext context, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(context);
        return _workers.GetOrAdd(metric.Key, _ => new(() => new MetricWorker(metric, workerDll, protection))).Value.ScoreAsync(context, stop);
    }

    /// <summary>
    /// What the metric's own process says to a worker's question, which is input from a stranger: it asks for one of its order's metrics, with texts
    /// that go together.
    /// </summary>
    /// <exception cref="JsonException">It does not.</exception>
    internal async Task<ScoresMessage> AnswerAsync(IReadOnlyList<MetricOrder> metrics, ScoreMessage question, CancellationToken stop)
    {
        // WireReader has seen to the rest.
        if (question.Metric >= metrics.Count) throw new JsonException("a question to a metric that is none of the tournament's");
        if (question.Prompts.Count != question.Answers.Count || question.References.Count != question.Answers.Count)
            throw new JsonException("a question to a metric without as many answers as prompts and references");
        try
        {
            return new ScoresMessage(await ScoreAsync(metrics[question.Metric],
                new MetricContext(question.Prompts, question.Answers, question.References), stop));
        }
        catch (MetricFaultException e)
        {
            return new ScoresMessage(null, e.Code, ((ICoded)e).Text);
        }
    }

    /// <summary>The metric as the host's own code asks it: on a thread that may wait.</summary>
    public IMetric Open(MetricOrder metric) => new Asked(this, metric);

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers.Values) await worker.Value.DisposeAsync();
    }

    private sealed class Asked(MetricWorkers workers, MetricOrder metric) : IMetric
    {
        public double[] Score(MetricContext context) => workers.ScoreAsync(metric, context, CancellationToken.None).GetAwaiter().GetResult();
    }
}
