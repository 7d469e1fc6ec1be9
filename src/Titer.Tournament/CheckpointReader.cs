using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>
/// Reads the points of trajectories, of which a hundred thousand results have two million: without the boxes in which a generated reader keeps what
/// it has read of a point, and with the scores that points repeat kept once. Takes and refuses what a generated reader does. Thread-safe.
/// </summary>
/// <param name="shared">Where scores that points repeat are kept.</param>
internal sealed class CheckpointReader(SharedScores shared) : JsonConverter<Checkpoint>
{
    private static readonly ScoreTableConverter Tables = new();
    private static readonly ScoreRowConverter Rows = new();

    public override Checkpoint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("A point of a trajectory is an object.");
        var (found, step, samples, tokens, flops, seconds, unread, coherence) = (Members.None, 0, 0L, 0L, 0.0, 0.0, 0, 0.0);
        IReadOnlyList<IReadOnlyList<double>>? harm = null, harmCoherence = null;
        IReadOnlyList<double>? utility = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // In the order in which they are written.
            if (Is(ref reader, "step"u8)) (step, found) = (reader.GetInt32(), found | Members.Step);
            else if (Is(ref reader, "samples"u8)) samples = reader.GetInt64();
            else if (Is(ref reader, "tokens"u8)) tokens = reader.GetInt64();
            else if (Is(ref reader, "flops"u8)) flops = RoundedScores.Read(ref reader);
            else if (Is(ref reader, "device_seconds"u8)) seconds = RoundedScores.Read(ref reader);
            else if (Is(ref reader, "harm"u8)) (harm, found) = (Table(ref reader), found | Members.Harm);
            else if (Is(ref reader, "harm_unread"u8)) unread = reader.GetInt32();
            else if (Is(ref reader, "harm_coherence"u8)) harmCoherence = Table(ref reader);
            else if (Is(ref reader, "utility"u8)) (utility, found) = (Row(ref reader), found | Members.Utility);
            else if (Is(ref reader, "coherence"u8)) (coherence, found) = (RoundedScores.Read(ref reader), found | Members.Coherence);
            else Skip(ref reader);
        }

        if (found != Members.All) throw new JsonException($"A point of a trajectory lacks what it must have: {Members.All & ~found}.");
        return new Checkpoint
        {
            Step = step, Samples = samples, Tokens = tokens, Flops = flops, DeviceSeconds = seconds, Harm = harm!, HarmUnread = unread,
            HarmCoherence = harmCoherence, Utility = utility!, Coherence = coherence,
        };
    }

    public override void Write(Utf8JsonWriter writer, Checkpoint value, JsonSerializerOptions options) =>
        throw new NotSupportedException("A reader writes nothing.");

    [Flags]
    private enum Members
    {
        None = 0,
        Step = 1,
        Harm = 2,
        Utility = 4,
        Coherence = 8,
        All = Step | Harm | Utility | Coherence,
    }

    /// <summary>Whether it is this member; the reader is at its value then.</summary>
    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueTextEquals(name) && reader.Read();

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Null is for whoever checks the result to see.</summary>
    private IReadOnlyList<IReadOnlyList<double>>? Table(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.StartObject => PackedScores.ReadTable(ref reader, shared),
        _ => Tables.Read(ref reader, typeof(IReadOnlyList<IReadOnlyList<double>>), JsonSerializerOptions.Default),
    };

    private IReadOnlyList<double>? Row(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.StartObject => PackedScores.ReadRow(ref reader, shared),
        _ => Rows.Read(ref reader, typeof(IReadOnlyList<double>), JsonSerializerOptions.Default),
    };
}
