using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>
/// Reads phase results, of which there may be many, and keeps what they repeat once: lists of prompts, scores, and what they were played on. Of a
/// hundred thousand results these would be most of the memory, and most of the time to read them. Thread-safe.
/// </summary>
public sealed class PhaseResultReader
{
    private readonly TournamentJson _json;
    private readonly SharedNames _names = new();
    private readonly SharedEnvironments _environments = new();

    public PhaseResultReader()
    {
        var options = new JsonSerializerOptions(TournamentJson.Default.Options);
        options.Converters.Insert(0, _names);
        options.Converters.Insert(0, _environments);
        options.Converters.Insert(0, new PackedPointsReader(Scores));
        _json = new TournamentJson(options);
    }

    /// <param name="text">UTF-8.</param>
    /// <exception cref="JsonException">Not a phase result.</exception>
    public PhaseResult Read(ReadOnlySpan<byte> text) =>
        JsonSerializer.Deserialize(text, _json.PhaseResult) ?? throw new JsonException("The file holds null.");

    internal SharedScores Scores { get; } = new();

    /// <summary>The list of these names that was read before, or this one.</summary>
    internal IReadOnlyList<string> Shared(string[] names) => _names.Of(names);

    /// <inheritdoc cref="Shared(string[])"/>
    internal PlayEnvironment Shared(PlayEnvironment environment) => _environments.Of(environment);

    /// <summary>A list of names that was read before is found again name by name, without making one.</summary>
    private sealed class SharedNames : JsonConverter<IReadOnlyList<string>>
    {
        /// <summary>A scenario has six such lists; where results are of many, the rest is not shared.</summary>
        private const int Most = 64;

        private ImmutableArray<(string[] Names, byte[][] Text)> _known = [];

        public override IReadOnlyList<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("Names are a list of texts.");
            foreach (var (names, text) in _known)
            {
                // A reader is a value: where the list is another one, it is read again from its start.
                var trial = reader;
                if (!AreNext(ref trial, text)) continue;
                reader = trial;
                return names;
            }

            var read = ReadNew(ref reader);
            if (Array.TrueForAll(read, name => name is not null)) Keep(read!);
            return read!;
        }

        public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options) =>
            throw new NotSupportedException("A reader writes nothing.");

        private static bool AreNext(ref Utf8JsonReader reader, byte[][] names)
        {
            foreach (var name in names)
            {
                if (!reader.Read() || reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals(name)) return false;
            }

            return reader.Read() && reader.TokenType == JsonTokenType.EndArray;
        }

        /// <summary>A name that is null stays: whoever checks the result says so.</summary>
        private static string?[] ReadNew(ref Utf8JsonReader reader)
        {
            var names = new List<string?>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) throw new JsonException("A name is a text.");
                names.Add(reader.GetString());
            }

            return [.. names];
        }

        public string[] Of(string[] names)
        {
            foreach (var (known, _) in _known)
            {
                if (known.AsSpan().SequenceEqual(names)) return known;
            }

            Keep(names);
            return names;
        }

        private void Keep(string[] names)
        {
            var entry = (names, Array.ConvertAll(names, Encoding.UTF8.GetBytes));
            // Two threads may have read the same list at once; it is then there twice, which costs memory alone.
            ImmutableInterlocked.Update(ref _known, known => known.Length < Most ? known.Add(entry) : known);
        }
    }

    private sealed class SharedEnvironments : JsonConverter<PlayEnvironment>
    {
        private const int Most = 64;

        private ImmutableHashSet<PlayEnvironment> _known = [];

        public override PlayEnvironment? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            return JsonSerializer.Deserialize(ref reader, TournamentJson.Default.PlayEnvironment) is { } read ? Of(read) : null;
        }

        public PlayEnvironment Of(PlayEnvironment read)
        {
            if (_known.TryGetValue(read, out var known)) return known;
            ImmutableInterlocked.Update(ref _known, all => all.Count < Most ? all.Add(read) : all);
            return read;
        }

        public override void Write(Utf8JsonWriter writer, PlayEnvironment value, JsonSerializerOptions options) =>
            throw new NotSupportedException("A reader writes nothing.");
    }
}
