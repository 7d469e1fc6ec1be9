using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Serialization;

namespace Titer.Scenarios.Data;

/// <summary>Rows of Parquet files, a row group at a time.</summary>
internal static class ParquetRows
{
    /// <summary>Older writers leave out that a column of bytes is text.</summary>
    private static readonly ParquetOptions Options = new() { TreatByteArrayAsString = true };

    public static IEnumerable<DataRow> Of(string path, Stream file) => Read(path, file).ToBlockingEnumerable();

    private static async IAsyncEnumerable<DataRow> Read(string path, Stream file)
    {
        // The format is read from its end.
        await using var seekable = file.CanSeek ? file : await InMemory(file).ConfigureAwait(false);
        var groups = await Try(path, 1, async () =>
        {
            await using var reader = await ParquetReader.CreateAsync(seekable, Options, leaveStreamOpen: true).ConfigureAwait(false);
            return reader.RowGroupCount;
        }).ConfigureAwait(false);
        var number = 0L;
        for (var group = 0; group < groups; group++)
        {
            var index = group;
            var rows = await Try(path, number + 1, () => ParquetSerializer.DeserializeUntypedAsync(seekable, Options, index)).ConfigureAwait(false);
            foreach (var row in rows.Data) yield return new DataRow(path, ++number, null, Element(row));
        }
    }

    private static async Task<T> Try<T>(string path, long number, Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The library throws what its parsing runs into.
            throw DataRow.At(path, number, null, "TITER525",
                $"cannot be read: the file is not Parquet, or of a kind that is not supported ({e.GetType().Name}). Write it again with plain "
                    + "columns of texts, lists and structures.", e);
        }
    }

    private static async Task<Stream> InMemory(Stream file)
    {
        var memory = new MemoryStream();
        await file.CopyToAsync(memory).ConfigureAwait(false);
        memory.Position = 0;
        return memory;
    }

    private static JsonElement Element(object row)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer, row);
        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case IDictionary map:
                writer.WriteStartObject();
                foreach (DictionaryEntry entry in map)
                {
                    writer.WritePropertyName(Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!);
                    Write(writer, entry.Value);
                }

                writer.WriteEndObject();
                break;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                break;
            case IEnumerable list:
                writer.WriteStartArray();
                foreach (var item in list) Write(writer, item);
                writer.WriteEndArray();
                break;
            case int or long or short or byte or sbyte or uint or ushort:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
