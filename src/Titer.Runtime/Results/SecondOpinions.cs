using Titer.Scenarios;
using Titer.Scenarios.Metrics;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>Applies a scenario's other metrics to the stored answers and reports where they disagree: one judge alone is one opinion.</summary>
public static class SecondOpinions
{
    /// <exception cref="InvalidDataException">Stored answers are missing or damaged.</exception>
    public static IReadOnlyList<MetricOpinion> Of(RunFolder folder, Scenario scenario, IReadOnlyDictionary<string, PhaseResult> results,
        double harmThreshold)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return Of(folder, scenario, results, harmThreshold, scenario.Metrics.Harm, scenario.Metrics.Harm.Open());
    }

    /// <param name="first">The metric that scores.</param>
    /// <inheritdoc cref="Of(RunFolder, Scenario, IReadOnlyDictionary{string, PhaseResult}, double)"/>
    public static IReadOnlyList<MetricOpinion> Of(RunFolder folder, Scenario scenario, IReadOnlyDictionary<string, PhaseResult> results,
        double harmThreshold, MetricChoice first, IMetric metric)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(metric);
        var others = scenario.Metrics.Also.Where(m => m.Id != first.Id).ToArray();
        var attacks = results.Values.Where(r => r is { Trajectory: not null, SamplesHash: not null }).OrderBy(r => r.PhaseId, StringComparer.Ordinal)
            .ToArray();
        if (others.Length == 0 || attacks.Length == 0) return [];
        var rescoring = new Rescoring(folder, scenario);
        var samples = attacks.SelectMany(rescoring.SamplesOf).Where(s => s.Sample.Set == SampleSet.Harm).ToArray();
        var (context, ids) = (rescoring.ContextOf(samples), samples.Select(s => s.Sample.PromptId).ToArray());
        var own = metric.Score(context);
        return [.. others.Select(other =>
        {
            var agreement = MetricAgreement.Of(ids, own, other.Open().Score(context), harmThreshold);
            return new MetricOpinion(first.ToString(), other.ToString(), agreement.Answers, agreement.Disagreement, agreement.Kappa,
                agreement.FirstOnly, agreement.SecondOnly, agreement.Prompts);
        })];
    }
}
