using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Scenarios.Data;

namespace Titer.Scenarios;

/// <summary>Who plays a phase, and so which data its process may hold.</summary>
public enum ScenarioAudience
{
    /// <summary>A defense: its own part of the training data. No evaluation prompt, nothing of the attacker's.</summary>
    Defender,

    /// <summary>An attack: its own part of the training data. No evaluation prompt, nothing of the defender's.</summary>
    Attacker,

    /// <summary>The host alone: evaluation, of attacks too, and trainability.</summary>
    Assessor,
}

/// <summary>
/// What one phase sees of a scenario, as a file of its own: a worker opens this and the subject, never the scenario. What is not in the part
/// cannot be read by the plugin, whatever it does in its process.
/// </summary>
public sealed record ScenarioPart
{
    /// <summary>Full path of the subject's checkpoint.</summary>
    public required string SubjectFolder { get; init; }

    /// <summary>Full path of the adapter that is merged into the subject; null without one.</summary>
    public string? AdapterFolder { get; init; }

    /// <summary>Full path of the public parent's checkpoint, in an attacker's part alone; null without one.</summary>
    public string? ParentFolder { get; init; }

    /// <summary>
    /// Length and time of the subject's weights, and of the parent's, when the part was made: a subject that changes during a run is noticed.
    /// </summary>
    public required string SubjectStamp { get; init; }

    public required ForbiddenDomains Domains { get; init; }

    public required EvaluationSizes Evaluation { get; init; }

    /// <summary>Ways in which forbidden prompts are asked; none in the parts of players.</summary>
    public required IReadOnlyList<PromptTemplate> Templates { get; init; }

    /// <summary>How answers are judged; null in the parts of players.</summary>
    public MetricChoices? Metrics { get; init; }

    /// <summary>Of the files of the judge that scores harm; null without one, and in the parts of players.</summary>
    public string? JudgeStamp { get; init; }

    public required TrainabilitySettings Trainability { get; init; }

    /// <summary>How the subject is spoken to.</summary>
    public ChatSettings Chat { get; init; } = new();

    /// <summary>What happens to rows that are too long; null when none is.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>Withheld lists are empty.</summary>
    public required ScenarioData Data { get; init; }

    /// <summary>Whether the subject is still the one that the part was made with.</summary>
    [JsonIgnore]
    public bool SubjectIsUnchanged => SubjectStamp == StampOf(SubjectFolder, AdapterFolder, ParentFolder);

    public void Write(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(file, this, ScenarioPartJson.Default.ScenarioPart);
    }

    /// <exception cref="ScenarioException">The file is missing or not a part.</exception>
    public static ScenarioPart Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, ScenarioPartJson.Default.ScenarioPart) ?? throw new JsonException("It is empty.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"TITER509 {path} is not a part of a scenario: {e.Message} Start the run again.");
        }
    }

    internal static string StampOf(string subjectFolder, string? adapterFolder, string? parentFolder) =>
        SubjectWeights.Stamp(subjectFolder, adapterFolder) + (parentFolder is null ? "" : $" of {SubjectWeights.Stamp(parentFolder, null)}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ScenarioPart))]
internal sealed partial class ScenarioPartJson : JsonSerializerContext;
