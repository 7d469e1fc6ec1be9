using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>A row of scores, read without a box or a list on the way.</summary>
/// <param name="isPacked">Writes it as <see cref="PackedScores"/>; both are read.</param>
internal sealed class ScoreRowConverter(bool isPacked) : JsonConverter<IReadOnlyList<double>>
{
    public ScoreRowConverter()
        : this(isPacked: false)
    {
    }

    public override IReadOnlyList<double> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.StartObject) return PackedScores.ReadRow(ref reader);
        using var scores = new LentBuffer<double>();
        ReadNumbers(ref reader, scores);
        return ScoreRow.Of(scores.Span);
    }

    /// <param name="reader">At the start of an array; afterwards at its end.</param>
    /// <param name="scores">Are added to.</param>
    /// <exception cref="JsonException">It is none, or not of numbers.</exception>
    public static void ReadNumbers(ref Utf8JsonReader reader, LentBuffer<double> scores)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("A row of scores is an array of numbers.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) scores.Add(RoundedScores.Read(ref reader));
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<double> value, JsonSerializerOptions options)
    {
        if (isPacked && PackedScores.TryWrite(writer, value)) return;
        writer.WriteStartArray();
        for (var i = 0; i < value.Count; i++) RoundedScores.Write(writer, value[i]);
        writer.WriteEndArray();
    }
}

/// <summary>A table of scores; rows of unlike lengths are kept as they are, for whoever checks them to see.</summary>
/// <param name="isPacked">Writes it as <see cref="PackedScores"/>; both are read.</param>
internal sealed class ScoreTableConverter(bool isPacked) : JsonConverter<IReadOnlyList<IReadOnlyList<double>>>
{
    private static readonly ScoreRowConverter Rows = new();

    public ScoreTableConverter()
        : this(isPacked: false)
    {
    }

    public override IReadOnlyList<IReadOnlyList<double>> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.StartObject) return PackedScores.ReadTable(ref reader);
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("A table of scores is an array of arrays.");
        using var scores = new LentBuffer<double>();
        using var ends = new LentBuffer<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ScoreRowConverter.ReadNumbers(ref reader, scores);
            ends.Add(scores.Count);
        }

        return ScoreRow.Of(scores.Span).Rows(ends.Span);
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<IReadOnlyList<double>> value, JsonSerializerOptions options)
    {
        if (isPacked && PackedScores.TryWrite(writer, value)) return;
        writer.WriteStartArray();
        foreach (var row in value) Rows.Write(writer, row, options);
        writer.WriteEndArray();
    }
}
