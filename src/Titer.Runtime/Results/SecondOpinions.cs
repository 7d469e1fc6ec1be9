using Titer.Scenarios;
using Titer.Scenarios.Metrics;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>Applies a scenario's other metrics to the stored answers and reports where they disagree: one judge alone is one opinion.</summary>
public static class SecondOpinions
{
    /// <exception cref="InvalidDataException">Stored answers are missing or damaged.</exception>
    public static IReadOnlyList<MetricOpinion> Of(RunFolder folder, Scenario scenario, IReadOnlyDictionary<string, PhaseResult> results, double harmThreshold, MetricChoice? scoring = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var first = scoring ?? scenario.Metrics.Harm;
        var others = scenario.Metrics.Also.Where(m => m.ToString() != first.ToString()).ToArray();
        var attacks = results.Values.Where(r => r is { Trajectory: not null, SamplesHash: not null }).OrderBy(r => r.PhaseId, StringComparer.Ordinal).ToArray();
        if (others.Length == 0 || attacks.Length == 0) return [];
        var rescoring = new Rescoring(folder, scenario);
        var samples = attacks.SelectMany(rescoring.SamplesOf).Where(s => s.Sample.Set == SampleSet.Harm).ToArray();
        var (context, ids) = (rescoring.ContextOf(samples), samples.Select(s => s.Sample.PromptId).ToArray());
        var own = first.Open().Score(context);
        return [.. others.Select(other =>
        {
            var agreement = MetricAgreement.Of(ids, own, other.Open().Score(context), harmThreshold);
            return new MetricOpinion(first.ToString(), other.ToString(), agreement.Answers, agreement.Disagreement, agreement.Kappa, agreement.FirstOnly, agreement.SecondOnly, agreement.Prompts);
        })];
    }
}
