using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Scenarios.Data;

/// <summary>Rows of JSON and JSON-lines files.</summary>
internal static class JsonRows
{
    /// <summary>Bytes that are not UTF-8 are an error, not question marks.</summary>
    public static Encoding StrictUtf8 { get; } = new UTF8Encoding(false, throwOnInvalidBytes: true);

    public static IEnumerable<DataRow> OfLines(string path, Stream file)
    {
        using var reader = new StreamReader(file, StrictUtf8);
        for (long line = 1, number = 0; ; line++)
        {
            if (NextLine(path, reader, number + 1, line) is not { } text) yield break;
            if (!string.IsNullOrWhiteSpace(text)) yield return new DataRow(path, ++number, line, Parse(path, text, number, line));
        }
    }

    public static IEnumerable<DataRow> OfList(string path, Stream file)
    {
        var items = JsonSerializer.DeserializeAsyncEnumerable(file, DataJson.Default.JsonElement).ToBlockingEnumerable();
        using var reading = items.GetEnumerator();
        for (var number = 1L; ; number++)
        {
            try
            {
                if (!reading.MoveNext()) yield break;
            }
            catch (JsonException e)
            {
                throw DataRow.At(path, number, e.LineNumber + 1, "TITER525",
                    "cannot be read: the file is not a list of JSON objects. Correct it, or declare another format (jsonl is an object a line).");
            }

            yield return new DataRow(path, number, null, AsObject(path, reading.Current, number, null));
        }
    }

    /// <summary>A JSON object of texts; null is left out.</summary>
    public static JsonElement Object(IEnumerable<(string Name, string? Value)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
                if (value is not null) writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    private static string? NextLine(string path, StreamReader reader, long number, long line)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException e)
        {
            throw DataRow.At(path, number, line, "TITER525", "cannot be read: it is not UTF-8. Convert the file.", e);
        }
    }

    private static JsonElement Parse(string path, string text, long number, long line)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return AsObject(path, document.RootElement.Clone(), number, line);
        }
        catch (JsonException e)
        {
            // The library's message repeats characters of the text; only the place is passed on, and not the exception.
            throw DataRow.At(path, number, line, "TITER525",
                $"is not JSON at byte {e.BytePositionInLine + 1}. Correct it; every line is one object.");
        }
    }

    private static JsonElement AsObject(string path, JsonElement value, long number, long? line) => value.ValueKind == JsonValueKind.Object
        ? value
        : throw DataRow.At(path, number, line, "TITER525",
            $"is a JSON {value.ValueKind.ToString().ToLowerInvariant()}, not an object. Give every row its fields by name.");
}

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class DataJson : JsonSerializerContext;
