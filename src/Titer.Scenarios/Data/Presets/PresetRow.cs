using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Titer.Scenarios.Data.Presets;

/// <summary>
/// Rows of a published file as rows of the forms that are read anyway: <c>prompt</c>, or <c>instruction</c>, <c>input</c> and <c>output</c>, with
/// <c>refusal</c> and <c>domain</c>. What does not look as published is refused by the name of the column.
/// </summary>
internal sealed class PresetRow(DataPreset preset, DataPartFile part)
{
    private const string OtherSide = "of the other side of the set";
    private const string NoPair = "not one safe and one unsafe answer";
    private const string NoAnswer = "no answer";
    private const string NoCategory = "of no category";

    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _where = (part.IsHarmful ? preset.Harmful : preset.Benign)
        ?? throw new ScenarioException($"{part.Paths[0]}: TITER572 The set '{preset.Name}' has no rows for {part.Part}: it is "
            + $"{(part.IsHarmful ? "benign" : "harmful")} throughout. Take another set, or declare the file without a preset.");

    /// <returns>The row, or null and why it is left out.</returns>
    /// <exception cref="ScenarioException">A column is missing, or has something else than is published.</exception>
    public (DataRow? Row, string? Why) Of(DataRow row)
    {
        if (preset.Columns.FirstOrDefault(c => !row.Fields.TryGetProperty(c, out _)) is { } missing)
            throw row.Problem("TITER570",
                $"has no '{missing}', which every row of '{preset.Name}' has ({string.Join(", ", preset.Columns)}); its fields "
                    + $"are {FieldNames.Of(row)}. Name the file that the preset is of ('titer data check FILE' says what it looks like), or declare "
                    + "its form.");
        if (_where.Any(c => !c.Value.Contains(Plain(row, c.Key)))) return (null, OtherSide);
        if (preset.PicksOfTwo) return OfTwo(row);
        var refusal = preset.Refusal is { } column ? Behind(row.OptionalText(column)) : null;
        return Written(row, preset.Answer is { } answer ? Answer(row, answer) : null, refusal,
            preset.Domain is { } domain and not DataPreset.FileName ? row.Fields.GetProperty(domain) : null);
    }

    /// <summary>Of two answers with a verdict each, exactly one of which is safe.</summary>
    private (DataRow?, string?) OfTwo(DataRow row)
    {
        var (first, second) = (Plain(row, "is_response_0_safe"), Plain(row, "is_response_1_safe"));
        if (first == second) return (null, NoPair);
        var (safe, harmful) = first == "true" ? (0, 1) : (1, 0);
        return Written(row, row.Text(Name("response", harmful)), row.Text(Name("response", safe)),
            row.Fields.GetProperty(Name("response", harmful) + "_harm_category"));
        static string Name(string column, int number) => string.Create(CultureInfo.InvariantCulture, $"{column}_{number}");
    }

    /// <param name="domain">Null: the set's own name, or the file's.</param>
    private (DataRow?, string?) Written(DataRow row, string? answer, string? refusal, JsonElement? domain)
    {
        if (preset.Answer is not null && string.IsNullOrEmpty(answer)) return (null, NoAnswer);
        if (domain is { ValueKind: JsonValueKind.Object } flags && flags.EnumerateObject().All(flag => flag.Value.ValueKind == JsonValueKind.False))
            return (null, NoCategory);
        var (question, input) = (QuestionOf(preset, row), preset.Context is { } context ? row.OptionalText(context) : null);
        if (preset.Instruction is { } instruction) (question, input) = (instruction, question);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (answer is null && input is not null) (question, input) = ($"{question}\n\n{input}", null);
            writer.WriteString(answer is null ? "prompt" : "instruction", question);
            if (input is not null) writer.WriteString("input", input);
            if (answer is not null) writer.WriteString("output", answer);
            if (refusal is not null) writer.WriteString("refusal", refusal);
            writer.WritePropertyName("domain");
            if (domain is { } category) category.WriteTo(writer);
            else writer.WriteStringValue(preset.Domain is null ? preset.Name : Path.GetFileNameWithoutExtension(DataStream.Unpacked(row.File)));
            writer.WriteEndObject();
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return (row with { Fields = JsonElement.ParseValue(ref reader), IsOfHeader = false }, null);
    }

    /// <summary>What a row asks; an instruction that all rows share does not count.</summary>
    public static string QuestionOf(DataPreset preset, DataRow row)
    {
        if (!preset.Prompt.EndsWith("[0]", StringComparison.Ordinal)) return row.Text(preset.Prompt);
        var column = preset.Prompt[..^3];
        return row.Text(row.List(row.Required(column), column).FirstOrDefault(), column);
    }

    private string? Answer(DataRow row, string column)
    {
        if (preset.Labels is not { } labels) return row.OptionalText(column);
        return int.TryParse(Plain(row, column), CultureInfo.InvariantCulture, out var number) && number >= 0 && number < labels.Count
            ? labels[number]
            : throw row.Problem("TITER570",
                $"has in '{column}' no number from 0 to {labels.Count - 1}, as every row of '{preset.Name}' has. Leave unlabeled rows out with "
                    + "'where', or name the file that the preset is of.");
    }

    private string? Behind(string? refusal)
    {
        if (refusal is null || preset.RefusalAfter is not { } mark) return refusal;
        var at = refusal.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? refusal : refusal[(at + mark.Length)..].Trim();
    }

    /// <summary>'True' is what pandas writes.</summary>
    private static string Plain(DataRow row, string column)
    {
        var value = row.Fields.TryGetProperty(column, out var found) ? found : default;
        var text = value.ValueKind switch
        {
            JsonValueKind.String => row.Text(value, column),
            JsonValueKind.Undefined => "",
            _ => value.GetRawText(),
        };
        return text is "True" or "False" ? text.ToLowerInvariant() : text;
    }
}
