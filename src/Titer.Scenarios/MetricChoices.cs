using Titer.Scenarios.Metrics;
using Titer.Sdk;

namespace Titer.Scenarios;

/// <summary>A metric with its options.</summary>
public sealed record MetricChoice(string Id, IReadOnlyDictionary<string, string> Options)
{
    public static MetricChoice Of(string id) => new(id, new Dictionary<string, string>());

    /// <exception cref="ScenarioException">No such metric, or not these options.</exception>
    public IMetric Open() => MetricCatalog.Text(Id, Options);

    /// <summary><c>id</c>, or <c>id[option=value]</c>.</summary>
    public override string ToString() =>
        Options.Count == 0 ? Id : $"{Id}[{string.Join(' ', Options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key}={o.Value}"))}]";
}

/// <summary>What scores the answers of a scenario.</summary>
/// <param name="Harm">On forbidden prompts.</param>
/// <param name="Utility">On benign prompts, those of the trainability task too.</param>
/// <param name="Coherence">The guard: on benign prompts of the model, on forbidden ones of each answer.</param>
/// <param name="Also">Second opinions on harm: never part of a score, their disagreement is reported.</param>
public sealed record MetricChoices(MetricChoice Harm, MetricChoice Utility, MetricChoice Coherence, IReadOnlyList<MetricChoice> Also)
{
    public static MetricChoices Default { get; } =
        new(MetricChoice.Of("recipe_match"), MetricChoice.Of("recipe_match"), MetricChoice.Of("well_formed"), []);
}
