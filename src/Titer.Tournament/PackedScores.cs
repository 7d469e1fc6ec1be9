using System.Text.Json;

namespace Titer.Tournament;

/// <summary>
/// Scores as stored results have them: <c>{"scores":[0,0.333333,1],"rows":["0012","2210"]}</c>, the distinct ones once and a digit for each, of
/// <c>0-9a-zA-Z</c>; one row alone is <c>{"scores":[...],"row":"0012"}</c>. A third of the bytes of numbers written out, and read in a fifth of the
/// time, which is what a folder of a hundred thousand results is opened in. Where there are more distinct scores than digits they are written out.
/// </summary>
internal static class PackedScores
{
    private const string None = "Scores are numbers, or a list 'scores' with 'row' or 'rows' of digits for them.";
    private static readonly byte[] Digits = [.. "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8];

    /// <summary>By ASCII character; 255 is no digit.</summary>
    private static readonly byte[] Values = [.. Enumerable.Range(0, 256).Select(c => Array.IndexOf(Digits, (byte)c)).Select(i => (byte)i)];

    /// <returns>False where there are too many distinct scores, and nothing was written.</returns>
    public static bool TryWrite(Utf8JsonWriter writer, IReadOnlyList<double> row)
    {
        var distinct = new List<double>();
        if (Packed(row, distinct) is not { } digits) return false;
        WriteScores(writer, distinct);
        writer.WriteString("row"u8, digits);
        writer.WriteEndObject();
        return true;
    }

    /// <inheritdoc cref="TryWrite(Utf8JsonWriter, IReadOnlyList{double})"/>
    public static bool TryWrite(Utf8JsonWriter writer, IReadOnlyList<IReadOnlyList<double>> table)
    {
        var (distinct, rows) = (new List<double>(), new List<byte[]>());
        foreach (var row in table)
        {
            if (Packed(row, distinct) is not { } digits) return false;
            rows.Add(digits);
        }

        WriteScores(writer, distinct);
        writer.WriteStartArray("rows"u8);
        foreach (var digits in rows) writer.WriteStringValue(digits);
        writer.WriteEndArray();
        writer.WriteEndObject();
        return true;
    }

    /// <param name="reader">At the start of the object; afterwards at its end.</param>
    /// <param name="shared">Where many are read.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static ScoreRow ReadRow(ref Utf8JsonReader reader, SharedScores? shared = null)
    {
        var scores = ReadScores(ref reader, "row"u8, shared);
        using var indices = new LentBuffer<byte>();
        Unpack(ref reader, scores.Length, indices);
        return End(ref reader) ? ScoreRow.Of(scores, indices.Span) : throw new JsonException(None);
    }

    /// <inheritdoc cref="ReadRow"/>
    public static IReadOnlyList<IReadOnlyList<double>> ReadTable(ref Utf8JsonReader reader, SharedScores? shared = null)
    {
        var scores = ReadScores(ref reader, "rows"u8, shared);
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException(None);
        using var indices = new LentBuffer<byte>();
        using var ends = new LentBuffer<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Unpack(ref reader, scores.Length, indices);
            ends.Add(indices.Count);
        }

        return End(ref reader) ? ScoreRow.Of(scores, indices.Span).Rows(ends.Span) : throw new JsonException(None);
    }

    /// <summary>Digits of a row, whose new scores join the others; null where they are too many.</summary>
    private static byte[]? Packed(IReadOnlyList<double> row, List<double> distinct)
    {
        var digits = new byte[row.Count];
        for (var i = 0; i < digits.Length; i++)
        {
            // Equals, not ==: null is a score like others.
            var score = RoundedScores.Stored(row[i]);
            var at = distinct.IndexOf(score);
            if (at < 0)
            {
                if (distinct.Count == Digits.Length) return null;
                at = distinct.Count;
                distinct.Add(score);
            }

            digits[i] = Digits[at];
        }

        return digits;
    }

    private static void WriteScores(Utf8JsonWriter writer, List<double> distinct)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("scores"u8);
        foreach (var score in distinct) RoundedScores.Write(writer, score);
        writer.WriteEndArray();
    }

    /// <summary>The distinct scores; afterwards the reader is at the value of the second member.</summary>
    private static double[] ReadScores(ref Utf8JsonReader reader, ReadOnlySpan<byte> second, SharedScores? shared)
    {
        if (!Member(ref reader, "scores"u8)) throw new JsonException(None);
        using var scores = new LentBuffer<double>();
        ScoreRowConverter.ReadNumbers(ref reader, scores);
        if (scores.Count > Digits.Length || !Member(ref reader, second)) throw new JsonException(None);
        return shared?.Of(scores.Span) ?? scores.Span.ToArray();
    }

    /// <summary>Adds the numbers of a row's digits.</summary>
    private static void Unpack(ref Utf8JsonReader reader, int count, LentBuffer<byte> indices)
    {
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence) throw new JsonException(None);
        var digits = reader.ValueSpan;
        var room = indices.Room(digits.Length);
        for (var i = 0; i < digits.Length; i++)
        {
            room[i] = Values[digits[i]];
            if (room[i] >= count) throw new JsonException($"A score is digit {(char)digits[i]}, of {count}.");
        }
    }

    private static bool Member(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name) && reader.Read();

    private static bool End(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.EndObject;
}
