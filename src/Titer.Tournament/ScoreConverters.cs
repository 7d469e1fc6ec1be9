using System.Buffers;
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
        using var scores = new ScoreBuffer();
        scores.ReadRow(ref reader);
        return ScoreRow.Of(scores.Span);
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
        using var scores = new ScoreBuffer();
        var ends = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            scores.ReadRow(ref reader);
            ends.Add(scores.Span.Length);
        }

        return ScoreTable.Of(ScoreRow.Of(scores.Span), ends);
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<IReadOnlyList<double>> value, JsonSerializerOptions options)
    {
        if (isPacked && PackedScores.TryWrite(writer, value)) return;
        writer.WriteStartArray();
        foreach (var row in value) Rows.Write(writer, row, options);
        writer.WriteEndArray();
    }
}

/// <summary>Scores on their way in.</summary>
internal sealed class ScoreBuffer : IDisposable
{
    private double[] _scores = ArrayPool<double>.Shared.Rent(256);
    private int _count;

    public ReadOnlySpan<double> Span => _scores.AsSpan(0, _count);

    public void ReadRow(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("A row of scores is an array of numbers.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (_count == _scores.Length) Grow();
            _scores[_count++] = RoundedScores.Read(ref reader);
        }
    }

    public void Dispose() => ArrayPool<double>.Shared.Return(_scores);

    private void Grow()
    {
        var larger = ArrayPool<double>.Shared.Rent(2 * _count);
        _scores.CopyTo(larger, 0);
        ArrayPool<double>.Shared.Return(_scores);
        _scores = larger;
    }
}
