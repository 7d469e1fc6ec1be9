using System.Text.Json.Serialization;
using Titer.Scenarios.Judges;
using Titer.Sdk;

namespace Titer.Scenarios;

/// <summary>A metric with its options.</summary>
public sealed record MetricChoice(string Id, IReadOnlyDictionary<string, string> Options)
{
    public static MetricChoice Of(string id) => new(id, new Dictionary<string, string>());

    /// <summary>Whether it is the host's own. Any other name is a plugin's, which whoever plays must find.</summary>
    [JsonIgnore]
    public bool IsBuiltIn => MetricCatalog.All.Any(m => m.Id == Id);

    /// <summary>Whether a plugin can have the name: its letters are those of an id.</summary>
    internal bool MayBePlugin => !IsBuiltIn && Id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    /// <summary>Whether a judge model scores, which needs a device.</summary>
    [JsonIgnore]
    public bool IsJudge => Id == JudgePanel.MetricId;

    /// <summary>Looks at the name and the options alone.</summary>
    /// <param name="isOfHarm">It scores harm, or is a second opinion on it: the only thing that a judge model is asked about.</param>
    /// <exception cref="ScenarioException">No such metric of the host's own, or not these options, or not for this.</exception>
    public void Check(bool isOfHarm)
    {
        if (!IsJudge) Open();
        else if (!isOfHarm) throw new ScenarioException($"TITER585 '{Id}' scores harm alone. Name it under 'harm', or under 'also'.");
        else JudgePanel.Of(Options);
    }

    /// <exception cref="ScenarioException">No such metric of the host's own, or not these options.</exception>
    public IMetric Open() => MetricCatalog.Text(Id, Options);

    /// <summary><c>id</c>, or <c>id[option=value]</c>; of a judge which one it is, and not where it lies.</summary>
    public override string ToString()
    {
        var told = IsJudge ? JudgePanel.Told(Options) : Options;
        return told.Count == 0 ? Id
            : $"{Id}[{string.Join(' ', told.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key}={o.Value}"))}]";
    }
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
