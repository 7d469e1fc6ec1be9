namespace Titer.Scenarios.Data.Presets;

/// <summary>A published data set: what its files look like, and how a row of it becomes a question with its answers.</summary>
/// <param name="Name">As it is named in a scenario.</param>
public sealed record DataPreset(string Name)
{
    /// <summary>Where it is published; nothing is fetched from there.</summary>
    public string Source { get; init; } = "";

    public string Licence { get; init; } = "";

    public string Cite { get; init; } = "";

    /// <summary>Whether the reading was tried on rows of the real file; else it is as published descriptions have it.</summary>
    public bool IsTried { get; init; }

    /// <summary>Every row must have these.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Rows of each published file.</summary>
    public IReadOnlyDictionary<string, int> Rows { get; init; } = new Dictionary<string, int>();

    /// <summary>Names of the columns of a CSV file without a header line; null when it has one.</summary>
    public IReadOnlyList<string>? Header { get; init; }

    /// <summary>Column of the question, or, with an instruction, of what it is about. <c>name[0]</c> is the first of a list.</summary>
    public string Prompt { get; init; } = "";

    public string? Context { get; init; }

    /// <summary>One question for all rows.</summary>
    public string? Instruction { get; init; }

    public string? Answer { get; init; }

    /// <summary>Answers by number, where the column has numbers.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    public string? Refusal { get; init; }

    /// <summary>The refusal is what stands behind this; a text without it is taken whole.</summary>
    public string? RefusalAfter { get; init; }

    /// <summary>Column of the category, <see cref="FileName"/>, or null: the preset's own name.</summary>
    public string? Domain { get; init; }

    /// <summary>Of two answers with a verdict each, the unsafe one is harmful and the safe one the refusal.</summary>
    public bool PicksOfTwo { get; init; }

    /// <summary>Rows that a harmful part takes; null: the set has none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Harmful { get; init; }

    /// <inheritdoc cref="Harmful"/>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Benign { get; init; }

    /// <summary>Rows of each part, where a scenario's data is the preset as a whole.</summary>
    public IReadOnlyDictionary<string, (int Skip, int Limit)> Split { get; init; } = new Dictionary<string, (int, int)>();

    /// <summary>Stands for the name of the file in the place of a column of domains.</summary>
    public const string FileName = "file";

    /// <summary>How many rows a file has, against what is published: a clause. A difference is said, and nothing is concluded from it.</summary>
    public string CountNote(long rows) => Rows.FirstOrDefault(r => r.Value == rows) is { Key: { } release }
        ? FormattableString.Invariant($"{rows} rows, as {release} has")
        : FormattableString.Invariant(
            $"{rows} rows; published: {(Rows.Count == 0 ? "no figure" : string.Join(", ", Rows.Select(r => $"{r.Key} {r.Value}")))}");

    /// <summary>Whether one of the published files has so many rows, or none is known.</summary>
    public bool HasCount(long rows) => Rows.Count == 0 || Rows.Values.Contains((int)Math.Min(rows, int.MaxValue));

    public override string ToString() =>
        $"{Name}: {Source}; licence: {Licence}; {Cite}{(IsTried ? "" : "; columns as published, not tried on the real file")}";
}
