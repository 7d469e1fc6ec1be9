using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Scenarios.Metrics;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>Applies a scenario's other metrics to the stored answers and reports where they disagree: one judge alone is one opinion.</summary>
internal static class SecondOpinions
{
    /// <exception cref="InvalidDataException">Stored answers are missing or damaged.</exception>
    /// <exception cref="MetricFaultException">A stranger's metric gave no scores.</exception>
    /// <param name="open">Opens a metric, also one that is a plugin.</param>
    public static IReadOnlyList<MetricOpinion> Of(RunFolder folder, Scenario scenario, IReadOnlyDictionary<string, PhaseResult> results,
        double harmThreshold, Func<MetricChoice, IMetric> open)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return Of(folder, scenario, results, harmThreshold, scenario.Metrics.Harm, null, open);
    }

    /// <param name="first">The metric that scores.</param>
    /// <param name="metric">Asked again for its scores; null takes those that are stored.</param>
    /// <inheritdoc cref="Of(RunFolder, Scenario, IReadOnlyDictionary{string, PhaseResult}, double, Func{MetricChoice, IMetric})"/>
    public static IReadOnlyList<MetricOpinion> Of(RunFolder folder, Scenario scenario, IReadOnlyDictionary<string, PhaseResult> results,
        double harmThreshold, MetricChoice first, IMetric? metric,
        Func<MetricChoice, IMetric> open)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(open);
        // Two judge models are two opinions; a rule with other options is the same one.
        var others = scenario.Metrics.Also.Where(m => m.Id != first.Id || (m.IsJudge && m.ToString() != first.ToString())).ToArray();
        var attacks = results.Values.Where(r => r is { Trajectory: not null, SamplesHash: not null }).OrderBy(r => r.PhaseId, StringComparer.Ordinal)
            .ToArray();
        if (others.Length == 0 || attacks.Length == 0) return [];
        var rescoring = new Rescoring(folder, scenario);
        var byPhase = attacks.Select(a => rescoring.SamplesOf(a).Where(s => s.Sample.Set == SampleSet.Harm).ToLookup(s => s.Step)).ToArray();
        // In the order of the scores: point by point, template by template.
        var samples = attacks.Zip(byPhase, (a, own) => a.Trajectory!.Checkpoints.SelectMany(c => own[c.Step])).SelectMany(s => s).ToArray();
        var (context, ids) = (rescoring.ContextOf(samples), samples.Select(s => s.Sample.PromptId).ToArray());
        var own = metric?.Score(context) ?? [.. attacks.SelectMany(a => a.Trajectory!.Checkpoints.SelectMany(c => c.Harm.SelectMany(h => h)))];
        return [.. others.Select(other =>
        {
            var theirs = open(other).Score(context);
            // What a judge could not read it has no opinion on.
            int[] read = [.. Enumerable.Range(0, theirs.Length).Where(i => !double.IsNaN(theirs[i]))];
            var agreement = MetricAgreement.Of([.. read.Select(i => ids[i])], [.. read.Select(i => own[i])], [.. read.Select(i => theirs[i])],
                harmThreshold);
            return new MetricOpinion(first.ToString(), other.ToString(), agreement.Answers, agreement.Disagreement, agreement.Kappa,
                agreement.FirstOnly, agreement.SecondOnly, agreement.Prompts);
        })];
    }
}
