using Titer.Runtime.Phases;
using Titer.Sdk;

namespace Titer.Runtime.Workers;

/// <summary>A phase's worker asks its supervisor, who asks the metric's own process: no two strangers' plugins meet in one.</summary>
internal sealed class PipedMetrics(WirePipe pipe, OrderInbox inbox) : IMetricSource
{
    public IMetric Open(PhaseOrder order, int number) => Open(number);

    /// <param name="number">Which of the metrics that the supervisor knows of.</param>
    public IMetric Open(int number) => new Piped(pipe, inbox, number);

    private sealed class Piped(WirePipe pipe, OrderInbox inbox, int number) : IMetric
    {
        /// <exception cref="MetricFaultException">It gave no scores.</exception>
        public double[] Score(MetricContext context)
        {
            pipe.Write(new ScoreMessage(number, context.Prompts, context.Answers, context.References));
            var answer = inbox.NextScores();
            return answer is { Scores: { } scores, Code: null } ? [.. scores]
                : throw new MetricFaultException(answer.Code ?? MetricFaultException.NoScoresCode, answer.Text ?? "");
        }
    }
}
