using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>The tournament's records as JSON: snake_case, enums as words, scores rounded to six decimals, settings in full.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(RoundedScores), typeof(ScoreRowConverter), typeof(ScoreTableConverter),
        typeof(SnakeCaseEnum<PhaseKind>), typeof(SnakeCaseEnum<PhaseStatus>), typeof(SnakeCaseEnum<Exposure>), typeof(SnakeCaseEnum<CellStatus>),
        typeof(SnakeCaseEnum<Verdict>), typeof(SnakeCaseEnum<IntervalKind>), typeof(SnakeCaseEnum<MetricRole>),
        typeof(SnakeCaseEnum<EntrantOrigin>), typeof(SnakeCaseEnum<AttackClass>)])]
[JsonSerializable(typeof(PhaseResult))]
[JsonSerializable(typeof(TournamentSpec))]
[JsonSerializable(typeof(LeaderboardDocument))]
[JsonSerializable(typeof(CellCurves))]
public sealed partial class TournamentJson : JsonSerializerContext
{
    // For people to read; made when first used, since the order of static fields across generated files is not defined.
    private static readonly Lazy<TournamentJson> Indented = new(() => new TournamentJson(ForPeople()));

    // A spec has settings, not scores: a learning rate of 5e-7 that was rounded like a score would be none.
    private static readonly Lazy<TournamentJson> Exact = new(() =>
    {
        var options = ForPeople();
        options.Converters.Remove(options.Converters.Single(c => c is RoundedScores));
        return new TournamentJson(options);
    });

    // Results alone are stored packed; who reads them reads both.
    private static readonly Lazy<TournamentJson> Packed = new(() =>
    {
        var options = new JsonSerializerOptions(Default!.Options);
        options.Converters.Insert(0, new ScoreRowConverter(isPacked: true));
        options.Converters.Insert(0, new ScoreTableConverter(isPacked: true));
        return new TournamentJson(options);
    });

    private static JsonSerializerOptions ForPeople() => new(Default!.Options)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Serialize(PhaseResult result) => JsonSerializer.Serialize(result, Packed.Value.PhaseResult) + "\n";

    public static string Serialize(TournamentSpec spec) => JsonSerializer.Serialize(spec, Exact.Value.TournamentSpec) + "\n";

    public static string Serialize(LeaderboardDocument document) => JsonSerializer.Serialize(document, Indented.Value.LeaderboardDocument) + "\n";

    public static string Serialize(CellCurves curves) => JsonSerializer.Serialize(curves, Default.CellCurves) + "\n";

    /// <exception cref="JsonException">Not a spec.</exception>
    public static TournamentSpec ParseSpec(string text) =>
        JsonSerializer.Deserialize(text, Default.TournamentSpec) ?? throw new JsonException("The file holds null.");
}

/// <summary>Six decimals are far below any interval here, and keep files small. Numbers that are not finite become null.</summary>
internal sealed class RoundedScores : JsonConverter<double>
{
    private const int MostShortDigits = 9;

    public override bool HandleNull => true;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => Write(writer, value);

    internal static double Read(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? double.NaN
        : reader.TokenType == JsonTokenType.Number && !reader.HasValueSequence && ShortNumber(reader.ValueSpan) is { } value ? value
        : reader.GetDouble();

    /// <summary>
    /// <c>0</c>, <c>1</c>, <c>0.333333</c>: nearly all scores. An integer over a power of ten, both exact, is rounded once, as parsing rounds it.
    /// </summary>
    private static double? ShortNumber(ReadOnlySpan<byte> digits)
    {
        if (digits.Length == 1) return digits[0] - (byte)'0';
        if (digits.Length > MostShortDigits || digits[0] != '0' || digits[1] != '.') return null;
        var (number, scale) = (0, 1);
        foreach (var digit in digits[2..])
        {
            if (digit is < (byte)'0' or > (byte)'9') return null;
            number = number * 10 + (digit - (byte)'0');
            scale *= 10;
        }

        return number / (double)scale;
    }

    internal static void Write(Utf8JsonWriter writer, double value)
    {
        if (Stored(value) is var stored && double.IsFinite(stored)) writer.WriteNumberValue(stored);
        else writer.WriteNullValue();
    }

    /// <summary>As it is read again: six decimals; NaN for null.</summary>
    internal static double Stored(double value) => !double.IsFinite(value) ? double.NaN : Math.Abs(value) < 1e9 ? Math.Round(value, 6) : value;
}

/// <summary>Enums as snake_case words.</summary>
internal sealed class SnakeCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
