using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Titer.Scenarios.Data;

/// <summary>Rows of CSV files as RFC 4180 has them: quoted fields may hold commas, doubled quotes and line breaks.</summary>
internal static class CsvRows
{
    /// <param name="header">Names of the columns of a file without a header line.</param>
    public static IEnumerable<DataRow> Of(string path, Stream file, string delimiter, IReadOnlyList<string>? header)
    {
        using var reader = new StreamReader(file, JsonRows.StrictUtf8);
        using var parser = new CsvParser(reader,
            new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = delimiter, HasHeaderRecord = false, IgnoreBlankLines = true });
        var (number, isOfFile) = (0L, false);
        while (Next(path, parser, number + 1, out var line) is { } fields)
        {
            if (header is null)
            {
                header = fields;
                isOfFile = true;
                // A column without a name is pandas' index, or what a comma at the end of every line makes.
                string[] names = [.. header.Where(name => !string.IsNullOrWhiteSpace(name))];
                if (names.Length == 0 || names.Distinct(StringComparer.Ordinal).Count() != names.Length)
                    throw new ScenarioException(
                        $"{path}: TITER525 The header line has no or a doubled name. Correct it, or declare the names under 'header' if the file "
                            + "has no header line.");
                continue;
            }

            number++;
            if (fields.Length != header.Count)
                throw DataRow.At(path, number, line, "TITER525",
                    $"has {fields.Length} fields, the header has {header.Count}. Quote fields that hold a "
                        + $"'{(delimiter == "\t" ? "tab" : delimiter)}' or a line break.");
            yield return new DataRow(path, number, line,
                JsonRows.Object(header.Zip(fields, (name, value) => (name, (string?)value))
                    .Where(field => !string.IsNullOrWhiteSpace(field.name)))) { IsOfHeader = isOfFile };
        }
    }

    private static string[]? Next(string path, CsvParser parser, long number, out long line)
    {
        line = parser.RawRow + 1;
        try
        {
            return parser.Read() ? parser.Record : null;
        }
        catch (Exception e) when (e is CsvHelperException or DecoderFallbackException)
        {
            // The library's message repeats the row.
            throw DataRow.At(path, number, line, "TITER525",
                $"is not CSV ({(e is DecoderFallbackException ? "it is not UTF-8" : "a quote stands where none may")}). Correct it: quotes "
                    + "inside a quoted field are doubled.");
        }
    }
}
