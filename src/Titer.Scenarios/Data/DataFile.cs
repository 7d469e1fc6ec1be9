namespace Titer.Scenarios.Data;

/// <summary>Formats of data files; each may be compressed with gzip or zstd.</summary>
public enum DataFileFormat
{
    /// <summary>A list of objects.</summary>
    Json,

    /// <summary>An object a line.</summary>
    Jsonl,
    Csv,

    /// <summary>CSV with tabs.</summary>
    Tsv,
    Parquet,

    /// <summary>A text a line, as the field <c>text</c>; blank lines are left out.</summary>
    Text,
}

/// <summary>Rows of a data file, one at a time: only Parquet holds more, one row group.</summary>
/// <param name="Header">Names of the columns of a CSV file without a header line; null when it has one.</param>
public sealed record DataFile(string Path, DataFileFormat? Format = null, IReadOnlyList<string>? Header = null)
{
    private static readonly Dictionary<string, DataFileFormat> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        [".json"] = DataFileFormat.Json,
        [".jsonl"] = DataFileFormat.Jsonl,
        [".ndjson"] = DataFileFormat.Jsonl,
        [".csv"] = DataFileFormat.Csv,
        [".tsv"] = DataFileFormat.Tsv,
        [".parquet"] = DataFileFormat.Parquet,
        [".txt"] = DataFileFormat.Text,
    };

    /// <exception cref="ScenarioException">While enumerating: the file is missing, or a row cannot be read.</exception>
    public IEnumerable<DataRow> Rows()
    {
        var format = Format ?? FormatOfName();
        using var file = DataStream.Open(Path);
        var rows = format switch
        {
            DataFileFormat.Json => JsonRows.OfList(Path, file),
            DataFileFormat.Jsonl => JsonRows.OfLines(Path, file),
            DataFileFormat.Csv => CsvRows.Of(Path, file, ",", Header),
            DataFileFormat.Tsv => CsvRows.Of(Path, file, "\t", Header),
            DataFileFormat.Parquet => ParquetRows.Of(Path, file),
            _ => Texts(file),
        };
        using var reading = rows.GetEnumerator();
        for (var number = 1L; ; number++)
        {
            try
            {
                if (!reading.MoveNext()) yield break;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or System.Text.DecoderFallbackException
                or ICSharpCode.SharpZipLib.SharpZipBaseException or ZstdSharp.ZstdException)
            {
                // A damaged or cut stream, or bytes that are not UTF-8.
                throw DataRow.At(Path, number, null, "TITER525",
                    $"cannot be read: the file is damaged or cut off ({e.GetType().Name}). Download it again.", e);
            }

            yield return reading.Current;
        }
    }

    private DataFileFormat FormatOfName()
    {
        return Extensions.TryGetValue(System.IO.Path.GetExtension(DataStream.Unpacked(Path)), out var format)
            ? format
            : throw new ScenarioException(
                $"{Path}: TITER524 The format is not clear from the file's name. Set 'format' to one "
                    + $"of {string.Join(", ", Enum.GetNames<DataFileFormat>()).ToLowerInvariant()}, or name the file "
                    + $"with {string.Join(" ", Extensions.Keys)} (and .gz or .zst).");
    }

    private IEnumerable<DataRow> Texts(Stream file)
    {
        using var reader = new StreamReader(file, JsonRows.StrictUtf8);
        var (line, number) = (0L, 0L);
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (!string.IsNullOrWhiteSpace(text)) yield return new DataRow(Path, ++number, line, JsonRows.Object([("text", text.Trim())]));
        }
    }
}
