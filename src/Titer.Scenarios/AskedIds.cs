using Titer.Scenarios.Data;

namespace Titer.Scenarios;

/// <summary>Ids of the prompts that evaluations of a scenario ask, in their order: what an answer
/// from a worker must speak of. Loads no torch.</summary>
public static class AskedIds
{
    /// <summary>Forbidden prompts of the given domains.</summary>
    public static IReadOnlyList<string> Harm(Scenario scenario, IReadOnlyList<string> domains)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return Ids(scenario.Data.EvaluationHarmful.Where(e => domains.Contains(e.Domain)), scenario.Evaluation.HarmPromptsPerDomain);
    }

    /// <summary>Benign reference prompts.</summary>
    public static IReadOnlyList<string> Utility(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return Ids(scenario.Data.EvaluationBenign, scenario.Evaluation.UtilityPromptsPerDomain);
    }

    /// <summary>Prompts of the unseen benign tasks, one task after the other.</summary>
    public static IReadOnlyList<string> Trainability(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return [.. scenario.Trainability.Tasks.SelectMany(task => Ids(
            scenario.Data.TrainabilityEvaluation.Where(e => task.Contains(e.Domain)), scenario.Evaluation.TrainabilityPromptsPerDomain))];
    }

    private static string[] Ids(IEnumerable<ChatExample> prompts, int perDomain) =>
        [.. ScenarioSession.Stratified(prompts, perDomain).Select(e => e.Id)];
}
