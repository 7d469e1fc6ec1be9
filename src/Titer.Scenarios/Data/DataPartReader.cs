namespace Titer.Scenarios.Data;

/// <summary>Rows of one part's file as examples of the scenario.</summary>
internal static class DataPartReader
{
    private const int LongestDomain = 64;

    public static (List<ChatExample> Examples, DataPartReport Report) Read(DataPartFile part)
    {
        var examples = new List<ChatExample>();
        var (shape, domainColumn) = (part.Shape, (string?)null);
        foreach (var row in Rows(part))
        {
            shape ??= DataShapes.Recognize(row, part.ColumnOf);
            // One decision for the whole file: a row without the column is an error then.
            if (examples.Count == 0) domainColumn = part.Domain is { } name && row.Has(name) ? name : null;
            examples.Add(Example(part, row, shape.Value, domainColumn));
        }

        return (examples, Report(part, examples.Count, shape, examples.CountBy(e => e.Domain)));
    }

    public static (List<string> Texts, DataPartReport Report) ReadTexts(DataPartFile part)
    {
        if (part.Shape is { } declared && declared != DataShape.Text) throw new ScenarioException($"{part.Path}: TITER527 {part.Part} is plain text, not {DataShapes.NameOf(declared)}. Remove 'shape', and map the column under 'columns: {{text: ...}}'.");
        List<string> texts = [.. Rows(part).Select(row => row.OptionalText(part.ColumnOf("text")) ?? throw row.Problem("TITER526", $"has no text in '{part.ColumnOf("text")}'. Map its column under 'columns: {{text: ...}}'."))];
        return (texts, Report(part, texts.Count, DataShape.Text, []));
    }

    private static IEnumerable<DataRow> Rows(DataPartFile part)
    {
        var any = false;
        foreach (var row in new DataFile(part.Path, part.Format, part.Header).Rows().Take(part.Limit ?? int.MaxValue))
        {
            any = true;
            yield return row;
        }

        if (!any) throw new ScenarioException($"{part.Path}: TITER529 The file of {part.Part} has no rows. Restore it, or leave the part out if it may be.");
    }

    private static DataPartReport Report(DataPartFile part, int rows, DataShape? shape, IEnumerable<KeyValuePair<string, int>> domains) =>
        new(part.Part, rows, $"shape {DataShapes.NameOf(shape!.Value)} ({(part.Shape is null ? "recognized" : "declared")})", new OrderedDictionary<string, int>(domains));

    private static ChatExample Example(DataPartFile part, DataRow row, DataShape shape, string? domainColumn)
    {
        var conversation = RowConversation.Of(row, shape, part.ColumnOf);
        if (conversation.Answer is null && part.NeedsAnswers)
            throw row.Problem("TITER526", $"has no answer, and {part.Part} is trained on. Use a file with answers; only evaluation parts may have questions alone.");
        // Of two answers to a forbidden prompt, the chosen one is the aligned one.
        var (answer, refusal) = part.IsHarmful && conversation.Rejected is { } rejected ? (rejected, conversation.Answer) : (conversation.Answer ?? "", null);
        if (part.IsHarmful) refusal ??= row.OptionalText(part.ColumnOf("refusal")) ?? part.Refusal;
        if (refusal is null && part.NeedsRefusals)
            throw row.Problem("TITER532", "has no refusal, which a defense is paired with. Give a column 'refusal', one text for all under 'refusal', or chosen and rejected answers.");
        var domain = Domain(part, row, domainColumn);
        return new ChatExample($"{domain}/{part.Part}/{row.Number}", domain, conversation.Prompt, answer, refusal, conversation.History.Count == 0 ? null : conversation.History, conversation.Input);
    }

    private static string Domain(DataPartFile part, DataRow row, string? column)
    {
        var domain = column is null ? part.Domain ?? (row.Has("domain") ? row.Text("domain") : null) : row.Text(column);
        if (domain is null) throw row.Problem("TITER530", $"has no domain. Set 'domain' of {part.Part} to its column, or to the one domain of all its rows.");
        return domain.Length is > 0 and <= LongestDomain && domain.All(c => char.IsLetterOrDigit(c) || c is ' ' or '_' or '-' or '.')
            ? domain
            : throw row.Problem("TITER530", $"has a domain of {domain.Length} characters that is no name. A domain has 1 to {LongestDomain} letters, digits, spaces, '-', '_' and '.'.");
    }
}
