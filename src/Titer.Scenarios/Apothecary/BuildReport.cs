using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Scenarios.Apothecary;

/// <summary>
/// How the subject came to be: what it did before and after alignment, over all evaluation prompts. Lies beside the weights as
/// <c>build-report.json</c>, since the weights before alignment are not kept.
/// </summary>
/// <param name="Refusal">Whether it refuses by a direction, after alignment.</param>
/// <param name="WeightsSha256">SHA-256 of the <c>model.safetensors</c> that the figures are about.</param>
public sealed record BuildReport(ulong Seed, string WeightsSha256, SubjectMeasure BeforeAlignment, SubjectMeasure AfterAlignment,
    RefusalMeasure? Refusal = null)
{
    internal const string FileName = "build-report.json";

    /// <exception cref="ScenarioException">No report lies there, or it is not one.</exception>
    public static BuildReport Read(string subjectFolder)
    {
        var path = Path.Combine(subjectFolder, FileName);
        if (!File.Exists(path)) throw new ScenarioException(
            $"{path}: TITER508 There is no build report beside the subject. Build it with 'titer scenario build apothecary'.");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), BuildReportJson.Default.BuildReport)
                ?? throw new ScenarioException($"{path}: TITER508 The build report is empty. Build the subject again.");
        }
        catch (JsonException e)
        {
            throw new ScenarioException($"{path}: TITER508 The build report is not valid: {e.Message} Build the subject again.", e);
        }
    }

    public override string ToString() =>
        $"before alignment: {BeforeAlignment}\nafter alignment: {AfterAlignment}\n{Refusal}\nSHA-256 of the weights: {WeightsSha256}";

    internal void Write(string subjectFolder) =>
        File.WriteAllText(Path.Combine(subjectFolder, FileName), JsonSerializer.Serialize(this, BuildReportJson.Default.BuildReport) + "\n");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(BuildReport))]
internal sealed partial class BuildReportJson : JsonSerializerContext;
