using Titer.Scenarios.Data.Presets;

namespace Titer.Scenarios.Data;

/// <summary>Where one part of a scenario's data is read from: the entry of <c>data</c> in the scenario file.</summary>
internal sealed record DataPartFile(string Part)
{
    /// <summary>Full paths of the files, one after the other.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    public DataFileFormat? Format { get; init; }

    /// <summary>Null: recognized from the rows.</summary>
    public DataShape? Shape { get; init; }

    /// <summary>The file's own names by the names that the shape has.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string>? Header { get; init; }

    /// <summary>Column of the domain, or, where the file has none of that name, the domain of all rows.</summary>
    public string? Domain { get; init; }

    /// <summary>Rows that are wanted and passed over before the first one that is read.</summary>
    public int Skip { get; init; }

    /// <summary>Reads only the first rows of those that are wanted.</summary>
    public int? Limit { get; init; }

    /// <summary>The published set that the files are of; null where their form is declared or recognized.</summary>
    public DataPreset? Preset { get; init; }

    /// <summary>Rows of other domains are left out; null keeps all.</summary>
    public IReadOnlyList<string>? OnlyDomains { get; init; }

    /// <summary>Rows that are of one of these as well are left out, whatever their first domain is.</summary>
    public IReadOnlyList<string> NeverDomains { get; init; } = [];

    /// <summary>What an aligned model says to every prompt of the file, where rows have no refusal of their own.</summary>
    public string? Refusal { get; init; }

    /// <summary>Only rows whose columns have one of these values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Where { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Roles of the file by their own names, beside those that are known.</summary>
    public RoleNames Roles { get; init; } = RoleNames.Known;

    public bool IsHarmful => Part.EndsWith("harmful", StringComparison.Ordinal);

    /// <summary>Attackers learn from answers, the evaluation may do without.</summary>
    public bool NeedsAnswers => !Part.StartsWith("evaluation", StringComparison.Ordinal);

    public bool NeedsRefusals => Part == "defender_harmful";

    public string ColumnOf(string name) => Columns.GetValueOrDefault(name, name);
}

/// <summary>What was read of a part, for people.</summary>
/// <param name="Shape">With how it is known.</param>
/// <param name="RowsByDomain">Empty where there are none, or where what the file has for domains cannot be told from texts.</param>
/// <param name="WithHistory">Rows with earlier turns.</param>
/// <param name="LeftOut">How many rows were left out, by the reason.</param>
public sealed record DataPartReport(string Part, int Rows, string Shape, IReadOnlyDictionary<string, int> RowsByDomain,
    IReadOnlyDictionary<string, int> LeftOut, int WithHistory = 0)
{
    /// <summary>Of a published set: its name, and how its rows compare with what is published; null without one.</summary>
    public string? Preset { get; init; }

    /// <summary>The file has another number of rows than any that is published.</summary>
    public bool IsOtherCount { get; init; }

    /// <summary>A line for each reason, and for a file that is not the published one.</summary>
    public IEnumerable<string> Losses =>
    [
        .. IsOtherCount ? [$"{Part}: {Preset}: not the published file, or a part of it"] : Array.Empty<string>(),
        .. LeftOut.Select(left => $"{Part}: {left.Value} left out: {left.Key}"),
    ];

    /// <summary>After rows that ask what was asked were left out.</summary>
    internal DataPartReport Without(int repeated, IReadOnlyCollection<ChatExample> kept) => repeated == 0 ? this : this with
    {
        Rows = kept.Count,
        RowsByDomain = RowsByDomain.Count == 0 ? RowsByDomain
            : new OrderedDictionary<string, int>(kept.CountBy(e => e.Domain)),
        LeftOut = new Dictionary<string, int>(LeftOut) { ["asked before, by the part or an earlier side"] = repeated },
    };

    public override string ToString() =>
        $"{Part}: {Rows} rows, {Shape}{(Preset is null ? "" : $", {Preset}")}{
            (RowsByDomain.Count == 0 ? "" : $" ({string.Join(", ", RowsByDomain.Select(d => $"{d.Key} {d.Value}"))})")}{
            (WithHistory == 0 ? "" : $"; {WithHistory} with earlier turns (history)")}{
                string.Concat(LeftOut.Select(left => $"; {left.Value} left out: {left.Key}"))}";
}
