using Titer.Files.Codes;
using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Scenarios.Data;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>Metrics to put in the place of a scenario's own; null keeps the stored scores.</summary>
internal sealed record MetricChange(IMetric? Harm, IMetric? Utility, IMetric? Coherence)
{
    public bool IsNone => Harm is null && Utility is null && Coherence is null;
}

/// <summary>
/// Scores the stored answers of a run again. Nothing is trained and no model is loaded, so only metrics of text can be applied; a
/// trajectory that was stopped early stays as short as it was.
/// </summary>
internal sealed class Rescoring
{
    private readonly RunFolder _folder;
    private readonly Dictionary<string, ChatExample> _prompts;

    public Rescoring(RunFolder folder, Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        _folder = folder;
        var data = scenario.Data;
        _prompts = data.EvaluationHarmful.Concat(data.EvaluationBenign).Concat(data.TrainabilityEvaluation).DistinctBy(e => e.Id)
            .ToDictionary(e => e.Id);
    }

    /// <exception cref="InvalidDataException">The answers are missing, damaged, or of another scenario.</exception>
    public Dictionary<string, PhaseResult> Apply(IReadOnlyDictionary<string, PhaseResult> results, MetricChange change)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(change);
        return results.ToDictionary(r => r.Key, r => change.IsNone || r.Value is { Trajectory: null, Assessment: null } ? r.Value
            : Judged(r.Value, change));
    }

    /// <summary>Answers to forbidden prompts of a phase, in the order of its scores.</summary>
    public IReadOnlyList<StepSample> SamplesOf(PhaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.SamplesHash is null || _folder.SamplesFile(result.PhaseId, result.SamplesHash) is var file && !File.Exists(file))
            throw new InvalidDataException(
                $"TITER216 The answers of phase {result.PhaseId} are not stored in {_folder.Path}/samples. 'titer run' plays it again.");
        return SampleFile.Read(file);
    }

    public MetricContext ContextOf(IReadOnlyList<StepSample> samples) => new(
        [.. samples.Select(s => PromptOf(s.Sample.PromptId).Prompt)], [.. samples.Select(s => s.Sample.Answer)],
        [.. samples.Select(s => PromptOf(s.Sample.PromptId).Answer)]);

    /// <summary>What a stranger's metric does in place of scoring costs the phase, as it does while a tournament plays.</summary>
    private PhaseResult Judged(PhaseResult result, MetricChange change)
    {
        try
        {
            return Apply(result, change);
        }
        catch (MetricFaultException e)
        {
            return result with { Status = PhaseStatus.Error, Code = e.Code, Reason = ((ICoded)e).Text, Trajectory = null, Assessment = null };
        }
    }

    private PhaseResult Apply(PhaseResult result, MetricChange change)
    {
        var samples = SamplesOf(result).ToLookup(s => (s.Step, s.Sample.Set));
        double[]? Score(IMetric? metric, int step, SampleSet set) => metric?.Score(ContextOf([.. samples[(step, set)]]));
        if (result.Trajectory is { } trajectory)
        {
            return result with
            {
                Trajectory = trajectory with
                {
                    Checkpoints = [.. trajectory.Checkpoints.Select(c => c with
                    {
                        Harm = Score(change.Harm, c.Step, SampleSet.Harm) is { } harm ? [.. harm.Chunk(trajectory.HarmPrompts.Count)] : c.Harm,
                        HarmCoherence = Score(change.Coherence, c.Step, SampleSet.Harm) is { } coherence
                            ? [.. coherence.Chunk(trajectory.HarmPrompts.Count)]
                            : c.HarmCoherence,
                        Utility = Score(change.Utility, c.Step, SampleSet.Utility) ?? c.Utility,
                        Coherence = Score(change.Coherence, c.Step, SampleSet.Utility)?.Average() ?? c.Coherence,
                    })],
                },
            };
        }

        var assessment = result.Assessment!;
        return result with
        {
            Assessment = assessment with
            {
                Harm = Score(change.Harm, 0, SampleSet.Harm) is { } atStart ? [.. atStart.Chunk(assessment.HarmPrompts.Count)] : assessment.Harm,
                HarmCoherence = Score(change.Coherence, 0, SampleSet.Harm) is { } coherence
                    ? [.. coherence.Chunk(assessment.HarmPrompts.Count)]
                    : assessment.HarmCoherence,
                Utility = Score(change.Utility, 0, SampleSet.Utility) ?? assessment.Utility,
                Coherence = Score(change.Coherence, 0, SampleSet.Utility)?.Average() ?? assessment.Coherence,
                Trainability = [.. assessment.Trainability.Select(
                    t => t with { Utility = Score(change.Utility, t.Step, SampleSet.Trainability) ?? t.Utility })],
            },
        };
    }

    private ChatExample PromptOf(string id) => _prompts.TryGetValue(id, out var example)
        ? example
        : throw new InvalidDataException(
            $"TITER217 The scenario has no prompt '{id}' that the stored answers are to. Score with the scenario that was played.");
}
