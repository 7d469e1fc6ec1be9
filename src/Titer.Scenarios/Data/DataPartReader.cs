using System.Text.Json;
using Titer.Scenarios.Data.Presets;

namespace Titer.Scenarios.Data;

/// <summary>Rows of one part's files as examples of the scenario.</summary>
internal sealed class DataPartReader(DataPartFile part)
{
    private const string WithTools = "tools take part in the conversation";
    private const string OtherRows = "not what 'where' asks for";
    private const string OtherDomains = "of a domain that the part does not take";
    private readonly Dictionary<string, int> _leftOut = [];
    private readonly PresetRow? _preset = part.Preset is { } preset ? new PresetRow(preset, part) : null;
    private int _taken;
    private int _passed;
    private long _rowsInFiles;

    public (List<ChatExample> Examples, DataPartReport Report) Read()
    {
        var examples = new List<ChatExample>();
        var (shape, domainColumn, first) = (part.Shape, (string?)null, true);
        foreach (var (row, number, ahead) in Rows())
        {
            shape ??= DataShapes.Recognize(ahead, part.ColumnOf);
            // One decision for the whole file: a row without the column is an error then.
            if (first) domainColumn = part.Domain is { } name && ahead.Any(other => other.Has(name)) ? name : null;
            first = false;
            if (Example(row, number, shape.Value, domainColumn) is { } example) examples.Add(example);
        }

        if (examples.Count == 0) throw new ScenarioException(
            $"{part.Paths[0]}: TITER529 No row "
                + $"of {part.Part} is left: {string.Join(", ", _leftOut.Select(left => $"{left.Value} left out, {left.Key}"))}. Correct 'where' "
                + "or 'roles', or give other rows.");
        return (examples, Report(examples.Count, shape, [.. examples.CountBy(e => e.Domain)],
            examples.Count(e => e.History?.Any(message => message.Role != ChatRole.System) == true)));
    }

    public (List<string> Texts, DataPartReport Report) ReadTexts()
    {
        if (part.Shape is { } declared && declared != DataShape.Text)
            throw new ScenarioException(
                $"{part.Paths[0]}: TITER527 {part.Part} is plain text, not {DataShapes.NameOf(declared)}. Remove 'shape', and map the column "
                    + "under 'columns: {text: ...}'.");
        List<string> texts = [.. Rows().Select(found =>
            found.Row.OptionalText(part.ColumnOf("text"))
                ?? throw found.Row.Problem("TITER526",
                    $"has no text in '{part.ColumnOf("text")}'. Map its column under 'columns: {{text: ...}}'."))];
        return (texts, Report(texts.Count, DataShape.Text, []));
    }

    /// <summary>Rows of all files with a number that counts through them, and the first rows of all, by which the shape is known.</summary>
    private IEnumerable<(DataRow Row, long Number, IReadOnlyList<DataRow> Ahead)> Rows()
    {
        var (ahead, isKnown) = (new List<(DataRow Row, long Number)>(), false);
        IReadOnlyList<DataRow> known = [];
        foreach (var found in Wanted())
        {
            if (isKnown)
            {
                yield return (found.Row, found.Number, known);
                continue;
            }

            ahead.Add(found);
            if (ahead.Count < DataShapes.RowsLookedAt) continue;
            (isKnown, known) = (true, [.. ahead.Select(a => a.Row)]);
            foreach (var (row, number) in ahead) yield return (row, number, known);
        }

        if (isKnown) yield break;
        known = [.. ahead.Select(a => a.Row)];
        foreach (var (row, number) in ahead) yield return (row, number, known);
        if (ahead.Count == 0) throw new ScenarioException(
            $"{part.Paths[0]}: TITER529 The file "
                + $"of {part.Part} has no rows{
                    (_leftOut.Count > 0
                        ? $" that 'where' asks for ({_leftOut.Values.Sum()} others)"
                        : "")}. Restore it, or leave the part out if it may be.");
    }

    private IEnumerable<(DataRow Row, long Number)> Wanted()
    {
        var number = 0L;
        foreach (var path in part.Paths)
        {
            foreach (var found in new DataFile(path, part.Format, part.Header ?? part.Preset?.Header).Rows())
            {
                // The rows of a published file are counted to its end.
                if (_taken == part.Limit && _preset is null) yield break;
                _rowsInFiles++;
                number++;
                if (_taken == part.Limit) continue;
                if (!IsWanted(found))
                {
                    LeaveOut(OtherRows);
                    continue;
                }

                var (row, why) = _preset?.Of(found) ?? (found, null);
                if (row is null)
                {
                    LeaveOut(why!);
                    continue;
                }

                if (_passed < part.Skip)
                {
                    _passed++;
                    continue;
                }

                _taken++;
                yield return (row, number);
            }
        }
    }

    private bool IsWanted(DataRow row) => part.Where.All(column =>
    {
        if (!row.Fields.TryGetProperty(column.Key, out var value))
            throw row.Problem("TITER526", $"has no field '{column.Key}', which 'where' asks about. Correct the name.");
        var text = value.ValueKind switch
        {
            JsonValueKind.String => row.Text(value, column.Key),
            JsonValueKind.Null => "",
            JsonValueKind.Array or JsonValueKind.Object =>
                throw row.Problem("TITER526",
                    $"has a list or a mapping in '{column.Key}', which 'where' asks about. Name a column of single values."),
            _ => value.GetRawText(),
        };
        // 'True' is what pandas writes.
        return column.Value.Any(
            wanted => string.Equals(wanted, text, wanted is "true" or "false" ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
    });

    private void LeaveOut(string reason) => _leftOut[reason] = _leftOut.GetValueOrDefault(reason) + 1;

    private DataPartReport Report(int rows, DataShape? shape, IReadOnlyCollection<KeyValuePair<string, int>> domains, int withHistory = 0) => new(
        part.Part, rows, $"shape {DataShapes.NameOf(shape!.Value)} ({(part.Shape is null ? "recognized" : "declared")})",
        new OrderedDictionary<string, int>(RowDomain.AreNames(domains) ? domains : []), _leftOut, withHistory)
    {
        Preset = part.Preset is { } preset ? $"preset {preset.Name} ({preset.CountNote(_rowsInFiles)})" : null,
        IsOtherCount = part.Preset?.HasCount(_rowsInFiles) == false,
    };

    private ChatExample? Example(DataRow row, long number, DataShape shape, string? domainColumn)
    {
        if (RowConversation.Of(row, shape, part.ColumnOf, part.Roles) is not { } conversation)
        {
            LeaveOut(WithTools);
            return null;
        }

        if (conversation.Answer is null && part.NeedsAnswers)
            throw row.Problem("TITER526",
                $"has no answer, and {part.Part} is trained on. Use a file with answers, or map their column (its fields "
                    + $"are {FieldNames.Of(row)}); only evaluation parts may have questions alone.");
        // Of two answers to a forbidden prompt, the chosen one is the aligned one.
        var (answer, refusal) = part.IsHarmful && conversation.Rejected is { } rejected
            ? (rejected, conversation.Answer)
            : (conversation.Answer ?? "", null);
        if (part.IsHarmful) refusal ??= row.OptionalText(part.ColumnOf("refusal")) ?? part.Refusal;
        if (refusal is null && part.NeedsRefusals)
            throw row.Problem("TITER532",
                "has no refusal, which a defense is paired with. Give a column 'refusal', one text for all under 'refusal', or chosen and "
                    + "rejected answers.");
        var domain = RowDomain.Of(part, row, domainColumn, conversation);
        if (part.OnlyDomains?.Contains(domain) == false || (part.NeverDomains.Count > 0 && RowDomain.Others(row).Any(part.NeverDomains.Contains)))
        {
            LeaveOut(OtherDomains);
            return null;
        }

        return new ChatExample($"{domain}/{part.Part}/{number}", domain, conversation.Prompt, answer, refusal,
            conversation.History.Count == 0 ? null : conversation.History, conversation.Input);
    }
}
