namespace Titer.Scenarios.Data;

/// <summary>Where one part of a scenario's data is read from: the entry of <c>data</c> in the scenario file.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Shape">Null: recognized from the first row.</param>
/// <param name="Columns">The file's own names by the names that the shape has.</param>
/// <param name="Domain">Column of the domain, or, where the file has none of that name, the domain of all rows.</param>
/// <param name="Limit">Reads only the first rows.</param>
/// <param name="Refusal">What an aligned model says to every prompt of the file, where rows have no refusal of their own.</param>
internal sealed record DataPartFile(
    string Part, string Path, DataFileFormat? Format, DataShape? Shape, IReadOnlyDictionary<string, string> Columns, IReadOnlyList<string>? Header, string? Domain, int? Limit, string? Refusal)
{
    public bool IsHarmful => Part.EndsWith("harmful", StringComparison.Ordinal);

    /// <summary>Attackers learn from answers, the evaluation may do without.</summary>
    public bool NeedsAnswers => !Part.StartsWith("evaluation", StringComparison.Ordinal);

    public bool NeedsRefusals => Part == "defender_harmful";

    public string ColumnOf(string name) => Columns.GetValueOrDefault(name, name);
}

/// <summary>What was read of a part, for people.</summary>
/// <param name="Shape">With how it is known.</param>
public sealed record DataPartReport(string Part, int Rows, string Shape, IReadOnlyDictionary<string, int> RowsByDomain)
{
    public override string ToString() => $"{Part}: {Rows} rows, {Shape}{(RowsByDomain.Count == 0 ? "" : $" ({string.Join(", ", RowsByDomain.Select(d => $"{d.Key} {d.Value}"))})")}";
}
