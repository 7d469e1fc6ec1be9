using System.Text.Json;

namespace Titer.Scenarios.Data;

/// <summary>The domain of a row: a name, as published categories really are.</summary>
internal static class RowDomain
{
    private const int LongestDomain = 100;

    /// <param name="column">Null: the part says the domain of all rows, or the row has a field of that name.</param>
    /// <param name="conversation">Its texts are no names.</param>
    public static string Of(DataPartFile part, DataRow row, string? column, RowConversation conversation)
    {
        var named = column ?? (part.Domain is null && row.Has("domain") ? "domain" : null);
        var domain = named is null ? part.Domain : Named(row, row.Required(named), named);
        if (domain is null)
            throw row.Problem("TITER530", $"has no domain. Set 'domain' of {part.Part} to its column, or to the one domain of all its rows.");
        if (named is not null && (domain == conversation.Prompt || domain == conversation.Answer || domain == conversation.Rejected))
            throw row.Problem("TITER530",
                $"has its own question or answer for a domain: '{named}' is the column of texts, not of categories. Set 'domain' "
                    + $"of {part.Part} to the column of the categories, or to the one domain of all its rows.");
        domain = domain.Trim();
        return domain.Length is > 0 and <= LongestDomain && !domain.Any(char.IsControl)
            ? domain
            : throw row.Problem("TITER530",
                $"has a domain of {domain.Length} characters that is no name. A domain has 1 to {LongestDomain} characters and no line break.");
    }

    /// <summary>All categories that a row is flagged with, where it has a flag for each.</summary>
    public static IEnumerable<string> Others(DataRow row) =>
        row.Fields.TryGetProperty("domain", out var value) && value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Where(flag => flag.Value.ValueKind == JsonValueKind.True).Select(flag => flag.Name)
            : [];

    /// <summary>Whether these can be told from texts of rows, so that a message may repeat them: rows
    /// share names, and have texts of their own.</summary>
    public static bool AreNames(IReadOnlyCollection<KeyValuePair<string, int>> rowsByDomain) =>
        rowsByDomain.Count * 2 <= rowsByDomain.Sum(domain => domain.Value);

    private static string Named(DataRow row, JsonElement value, string field)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return value.GetRawText();
            // A name for each category, true for those that it is of.
            case JsonValueKind.Object when value.EnumerateObject().All(flag => flag.Value.ValueKind is JsonValueKind.True or JsonValueKind.False):
                return value.EnumerateObject().Where(flag => flag.Value.ValueKind == JsonValueKind.True).Select(flag => flag.Name).FirstOrDefault()
                    ?? throw row.Problem("TITER530", $"is of no category in '{field}'. Leave such rows out with 'where', or correct the row.");
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                return row.Text(value[0], field + "[0]");
            default:
                return row.Text(value, field);
        }
    }
}
