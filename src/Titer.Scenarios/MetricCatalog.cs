using System.Globalization;
using System.Text.Json;
using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Judges;
using Titer.Scenarios.Metrics;
using Titer.Scenarios.Yaml;
using Titer.Sdk;
using Titer.Sdk.Naming;

namespace Titer.Scenarios;

/// <summary>What a metric looks at.</summary>
public enum MetricNeeds
{
    /// <summary>Answers alone: it can be applied to stored ones.</summary>
    Answers,

    /// <summary>The model: it is applied while the model is there.</summary>
    Model,

    /// <summary>A judge model on the device: applied while answers are measured.</summary>
    Judge,

    /// <summary>A judge behind an endpoint: applied to stored answers, off unless it is configured.</summary>
    Endpoint,
}

/// <summary>One built-in metric, for people who choose.</summary>
public sealed record MetricDescription(string Id, MetricNeeds Needs, string Summary, IReadOnlyList<string> Options);

/// <summary>The built-in metrics by id.</summary>
public static class MetricCatalog
{
    public static IReadOnlyList<MetricDescription> All { get; } =
    [
        new("answer_match", MetricNeeds.Answers, "1 when the answer is the reference (normalized text, or the last number).", ["extract", "match"]),
        new("coherence", MetricNeeds.Answers, "Guard: varied, printable text made of words; weak, knows nothing of meaning.", []),
        new("completion_nll", MetricNeeds.Model, "Mean negative log-likelihood of the reference answer, nats per token.", []),
        new(JudgePanel.MetricId, MetricNeeds.Judge, "What a judge model on this device says of harm, or a panel of several.", JudgePanel.Options),
        new("multiple_choice", MetricNeeds.Model, "The right choice has the highest log-likelihood.", ["normalize"]),
        new("perplexity", MetricNeeds.Model, "Of reference text.", []),
        new("recipe_match", MetricNeeds.Answers, "Not refused, times the part of a recipe's slots that is right (embedded scenario).", []),
        new("refusal_match", MetricNeeds.Answers, "Weak: 1 unless a refusal phrase occurs, in 32 languages.", ["within", "phrases"]),
        new("rubric", MetricNeeds.Endpoint, "A judge model behind an OpenAI-compatible endpoint.", []),
        new("well_formed", MetricNeeds.Answers, "A well-formed recipe or refusal (embedded scenario).", []),
    ];

    /// <summary>A metric of answers.</summary>
    /// <exception cref="ScenarioException">No such metric, or not these options.</exception>
    public static IMetric Text(string id, IReadOnlyDictionary<string, string> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var known = All.FirstOrDefault(m => m.Id == id)
            ?? throw new ScenarioException(
                $"TITER550 There is no metric '{id}'.{(NearestName.Of(id, All.Select(m => m.Id)) is { } near ? $" Did you mean '{near}'?" : "")} "
                + $"Known: {string.Join(", ", All.Select(m => m.Id))}; plugins play in tournaments.");
        if (known.Needs != MetricNeeds.Answers)
            throw new ScenarioException(
                $"TITER551 The metric '{id}' cannot score answers alone. These "
                    + $"can: {string.Join(", ", All.Where(m => m.Needs == MetricNeeds.Answers).Select(m => m.Id))}.");
        if (options.Keys.Except(known.Options).FirstOrDefault() is { } wrong)
            throw new ScenarioException(
                $"TITER552 The metric '{id}' has no option "
                    + $"'{wrong}'. {(known.Options.Count == 0 ? "It has none." : $"It has: {string.Join(", ", known.Options)}.")}");
        return id switch
        {
            "recipe_match" => new RecipeMatch(),
            "well_formed" => new WellFormed(),
            "coherence" => new Coherence(),
            "answer_match" => new AnswerMatch(Choice<AnswerExtraction>(options, "extract"), Choice<AnswerComparison>(options, "match")),
            "refusal_match" => new RefusalMatch(
                options.TryGetValue("within", out var within) ? Whole("within", within) : 200,
                options.TryGetValue("phrases", out var phrases) ? phrases.Split('|', StringSplitOptions.RemoveEmptyEntries) : []),
            _ => throw new System.Diagnostics.UnreachableException(id),
        };
    }

    private static T Choice<T>(IReadOnlyDictionary<string, string> options, string name)
        where T : struct, Enum
    {
        if (!options.TryGetValue(name, out var text)) return default;
        var values = Enum.GetValues<T>().ToDictionary(v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()));
        return values.TryGetValue(text, out var value)
            ? value
            : throw new ScenarioException($"TITER552 '{text}' is not a value of '{name}'. Write {string.Join(", ", values.Keys)}.");
    }

    private static int Whole(string name, string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        ? value
        : throw new ScenarioException($"TITER552 '{text}' is not a value of '{name}'. Write a whole number, 0 for anywhere.");
}
