using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>Reads the points of a trajectory, and keeps them packed. Takes and refuses what a generated reader does. Thread-safe.</summary>
internal sealed class PackedPointsReader : JsonConverter<IReadOnlyList<Checkpoint>>
{
    private readonly SharedScores _shared;
    private readonly CheckpointReader _points;

    public PackedPointsReader(SharedScores shared) => (_shared, _points) = (shared, new CheckpointReader(shared));

    public override IReadOnlyList<Checkpoint> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("The points of a trajectory are a list.");
        var points = new List<Checkpoint>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // One that is null is for whoever checks the result to see.
            points.Add(reader.TokenType == JsonTokenType.Null ? null! : _points.Read(ref reader, typeof(Checkpoint), options));
        }

        return PackedPoints.Of(points, _shared);
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<Checkpoint> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("A reader writes nothing.");
}
