using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Files.Codes;
using Titer.Plugins;
using Titer.Runtime.Conformance;

namespace Titer.Cli.Printed;

/// <summary>How <c>--json</c> writes: snake_case, enums as words, every key always there.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(FiniteNumber), typeof(Word<ConformanceOutcome>), typeof(Word<ProblemSeverity>)])]
[JsonSerializable(typeof(CalibrationDocument))]
[JsonSerializable(typeof(CleanDocument))]
[JsonSerializable(typeof(ConformanceFinding))]
[JsonSerializable(typeof(DataCheckDocument))]
[JsonSerializable(typeof(Diagnosis))]
[JsonSerializable(typeof(ExportDocument))]
[JsonSerializable(typeof(HelpDocument))]
[JsonSerializable(typeof(IReadOnlyList<ListedPlugin>))]
[JsonSerializable(typeof(IReadOnlyList<PresetDocument>))]
[JsonSerializable(typeof(IReadOnlyList<ProtocolDocument>))]
[JsonSerializable(typeof(IReadOnlyList<QuarantineEntry>))]
[JsonSerializable(typeof(IReadOnlyList<TiterCode>))]
[JsonSerializable(typeof(IReadOnlyList<TraceDocument>))]
[JsonSerializable(typeof(JudgeCheckDocument))]
[JsonSerializable(typeof(NewDocument))]
[JsonSerializable(typeof(PageDocument))]
[JsonSerializable(typeof(PlanDocument))]
[JsonSerializable(typeof(PlayDocument))]
[JsonSerializable(typeof(PluginDocument))]
[JsonSerializable(typeof(ScenarioBuildDocument))]
[JsonSerializable(typeof(ScenarioCheckDocument))]
[JsonSerializable(typeof(SeasonVerbDocument))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(SubmitDocument))]
[JsonSerializable(typeof(VerifyDocument))]
internal sealed partial class PrintedJson : JsonSerializerContext
{
    /// <summary>For verbs that print one document after the other.</summary>
    public static Lazy<PrintedJson> OnOneLine { get; } = new(() => new PrintedJson(new JsonSerializerOptions(Default!.GeneratedSerializerOptions!)
    {
        WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    }));
}

/// <summary>Enums are words in snake case, as in every file of Titer.</summary>
internal sealed class Word<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;

/// <summary>JSON has no number that is not finite: null in its place.</summary>
internal sealed class FiniteNumber : JsonConverter<double>
{
    public override bool HandleNull => true;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }
}
