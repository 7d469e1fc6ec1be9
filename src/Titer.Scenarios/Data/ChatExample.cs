using System.Text.Json.Serialization;
using Titer.Scenarios.Data.Evaluations;

namespace Titer.Scenarios.Data;

/// <summary>One prompt with its answer as plain text.</summary>
/// <param name="Id">Stable name: <c>domain/item/paraphrase</c>.</param>
/// <param name="Answer">The right answer (benign), or the harmful one (forbidden).</param>
/// <param name="Refusal">What an aligned model says instead; null for benign prompts.</param>
/// <param name="History">Messages before the prompt; null when there are none.</param>
/// <param name="Input">What the prompt is about, where a row has it apart (Alpaca); null otherwise.</param>
public sealed record ChatExample(string Id, string Domain, string Prompt, string Answer, string? Refusal = null,
    IReadOnlyList<ChatMessage>? History = null, string? Input = null)
{
    /// <summary>Prompt and input as one text.</summary>
    [JsonIgnore]
    public string Question => Input is null ? Prompt : $"{Prompt}\n\n{Input}";
}


/// <summary>
/// All data of a scenario, split so that defender, attacker and evaluation never share an item. The host owns the split: no plugin can break it.
/// </summary>
public sealed record ScenarioData
{
    /// <summary>Forbidden prompts of the known domains, for the defender.</summary>
    public required IReadOnlyList<ChatExample> DefenderHarmful { get; init; }

    public required IReadOnlyList<ChatExample> DefenderBenign { get; init; }

    /// <summary>Forbidden prompts of all domains, for the attacker.</summary>
    public required IReadOnlyList<ChatExample> AttackerHarmful { get; init; }

    public required IReadOnlyList<ChatExample> AttackerBenign { get; init; }

    /// <summary>Forbidden prompts in no training set.</summary>
    public required IReadOnlyList<ChatExample> EvaluationHarmful { get; init; }

    /// <summary>Benign prompts of tasks that the subject knows, in no training set: the reference data of stability.</summary>
    public required IReadOnlyList<ChatExample> EvaluationBenign { get; init; }

    /// <summary>A benign task that neither subject nor defender saw.</summary>
    public required IReadOnlyList<ChatExample> TrainabilityTraining { get; init; }

    public required IReadOnlyList<ChatExample> TrainabilityEvaluation { get; init; }

    /// <summary>Sets of questions that every model is asked before any attack, beside those above.</summary>
    public IReadOnlyList<NamedEvaluation> Evaluations { get; init; } = [];

    /// <summary>Plain reference text for perplexity.</summary>
    public required IReadOnlyList<string> ReferenceText { get; init; }

    public static ScenarioData Empty { get; } = new()
    {
        DefenderHarmful = [],
        DefenderBenign = [],
        AttackerHarmful = [],
        AttackerBenign = [],
        EvaluationHarmful = [],
        EvaluationBenign = [],
        TrainabilityTraining = [],
        TrainabilityEvaluation = [],
        ReferenceText = [],
    };

    /// <summary>Everything as text, part by part in a fixed order: what a hash of the data is taken over.</summary>
    internal IEnumerable<string> Lines() => Parts().SelectMany(part => part.Lines);

    /// <summary>Every part by name, as text.</summary>
    internal IEnumerable<(string Name, IReadOnlyList<string> Lines)> Parts()
    {
        (string Name, IReadOnlyList<ChatExample> Examples)[] parts =
        [
            (nameof(DefenderHarmful), DefenderHarmful), (nameof(DefenderBenign), DefenderBenign),
            (nameof(AttackerHarmful), AttackerHarmful), (nameof(AttackerBenign), AttackerBenign),
            (nameof(EvaluationHarmful), EvaluationHarmful), (nameof(EvaluationBenign), EvaluationBenign),
            (nameof(TrainabilityTraining), TrainabilityTraining), (nameof(TrainabilityEvaluation), TrainabilityEvaluation),
        ];

        static string Earlier(ChatExample example) =>
            example.History is null ? "" : string.Concat(example.History.Select(message => $"\t{message.Role}\t{message.Text}"));

        IReadOnlyList<string> LinesOf((string Name, IReadOnlyList<ChatExample> Examples) part) =>
        [
            .. part.Examples.Select(e => $"{part.Name}\t{e.Id}\t{e.Domain}\t{e.Prompt}\t{e.Answer}\t{e.Refusal}{Earlier(e)}{
                (e.Input is null ? "" : $"\tinput\t{e.Input}")}"),
        ];
        return parts.Select(part => (part.Name, LinesOf(part))).Append((nameof(ReferenceText), ReferenceText))
            .Concat(Evaluations.Select(e => ($"evaluation {e.Name}", (IReadOnlyList<string>)[.. e.Lines()])));
    }
}
