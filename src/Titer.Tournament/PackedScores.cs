using System.Buffers;
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
    /// <exception cref="JsonException">It is none.</exception>
    public static ScoreRow ReadRow(ref Utf8JsonReader reader)
    {
        var scores = ReadScores(ref reader, "row"u8);
        using var indices = new Indices();
        indices.Unpack(ref reader, scores.Length);
        return End(ref reader) ? ScoreRow.Of(scores, indices.Span) : throw new JsonException(None);
    }

    /// <inheritdoc cref="ReadRow"/>
    public static IReadOnlyList<IReadOnlyList<double>> ReadTable(ref Utf8JsonReader reader)
    {
        var scores = ReadScores(ref reader, "rows"u8);
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException(None);
        using var indices = new Indices();
        var ends = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            indices.Unpack(ref reader, scores.Length);
            ends.Add(indices.Span.Length);
        }

        return End(ref reader) ? ScoreTable.Of(ScoreRow.Of(scores, indices.Span), ends) : throw new JsonException(None);
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
    private static double[] ReadScores(ref Utf8JsonReader reader, ReadOnlySpan<byte> second)
    {
        if (!Member(ref reader, "scores"u8)) throw new JsonException(None);
        using var scores = new ScoreBuffer();
        scores.ReadRow(ref reader);
        if (scores.Span.Length > Digits.Length || !Member(ref reader, second)) throw new JsonException(None);
        return scores.Span.ToArray();
    }

    private static bool Member(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name) && reader.Read();

    private static bool End(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.EndObject;

    /// <summary>Digits on their way in, as numbers; the buffer is lent, since a hundred thousand results have three million rows.</summary>
    private sealed class Indices : IDisposable
    {
        private byte[] _indices = ArrayPool<byte>.Shared.Rent(512);
        private int _count;

        public ReadOnlySpan<byte> Span => _indices.AsSpan(0, _count);

        public void Unpack(ref Utf8JsonReader reader, int count)
        {
            if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence) throw new JsonException(None);
            var digits = reader.ValueSpan;
            if (_count + digits.Length > _indices.Length) Grow(_count + digits.Length);
            var room = _indices.AsSpan(_count, digits.Length);
            for (var i = 0; i < digits.Length; i++)
            {
                room[i] = Values[digits[i]];
                if (room[i] >= count) throw new JsonException($"A score is digit {(char)digits[i]}, of {count}.");
            }

            _count += digits.Length;
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(_indices);

        private void Grow(int least)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(least, 2 * _count));
            Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_indices);
            _indices = larger;
        }
    }
}
