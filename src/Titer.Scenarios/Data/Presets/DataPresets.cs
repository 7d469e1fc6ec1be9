using Titer.Scenarios.Yaml;

namespace Titer.Scenarios.Data.Presets;

/// <summary>The table of data sets by name: <c>presets.yaml</c>, embedded.</summary>
public static class DataPresets
{
    private static readonly Lazy<IReadOnlyDictionary<string, DataPreset>> Read = new(() =>
        StrictYaml.Embedded(typeof(DataPresets), "presets.yaml").Map().ToDictionary(p => p.Key, p => Preset(p.Key, p.Value)));

    public static IReadOnlyDictionary<string, DataPreset> All => Read.Value;

    /// <summary>
    /// Those whose columns a file's first rows all have, the likeliest first: most columns, then a row count that is published.
    /// </summary>
    /// <param name="rows">How many rows the file has.</param>
    public static IReadOnlyList<DataPreset> Like(IReadOnlyList<DataRow> first, long rows) =>
    [
        .. All.Values.Where(p => first.Count > 0 && p.Header is null && first.All(row => p.Columns.All(c => row.Fields.TryGetProperty(c, out _))))
            .OrderByDescending(p => p.Columns.Count).ThenByDescending(p => p.HasCount(rows)).ThenBy(p => p.Name, StringComparer.Ordinal),
    ];

    private static DataPreset Preset(string name, StrictYaml node) => node.Fold<DataPreset>(
        new DataPreset(name),
        ("source", (p, value) => p with { Source = value.Text() }),
        ("licence", (p, value) => p with { Licence = value.Text() }),
        ("cite", (p, value) => p with { Cite = value.Text() }),
        ("tried", (p, value) => p with { IsTried = value.Text() == "true" }),
        ("columns", (p, value) => p with { Columns = Texts(value) }),
        ("rows", (p, value) => p with { Rows = value.Map().ToDictionary(r => r.Key, r => (int)r.Value.Whole(1, int.MaxValue)) }),
        ("header", (p, value) => p with { Header = Texts(value) }),
        ("prompt", (p, value) => p with { Prompt = value.Text() }),
        ("context", (p, value) => p with { Context = value.Text() }),
        ("instruction", (p, value) => p with { Instruction = value.Text() }),
        ("answer", (p, value) => p with { Answer = value.Text() }),
        ("labels", (p, value) => p with { Labels = Texts(value) }),
        ("refusal", (p, value) => p with { Refusal = value.Text() }),
        ("refusal_after", (p, value) => p with { RefusalAfter = value.Text() }),
        ("domain", (p, value) => p with { Domain = value.Text() }),
        ("pick", (p, value) => p with { PicksOfTwo = value.Text() == "safe-rlhf" }),
        ("harmful", (p, value) => p with { Harmful = Where(value) }),
        ("benign", (p, value) => p with { Benign = Where(value) }),
        ("split", (p, value) => p with { Split = value.Map(DataDeclaration.Parts).ToDictionary(s => s.Key, s => Rows(s.Value)) }));

    private static (int Skip, int Limit) Rows(StrictYaml node)
    {
        var entries = node.Map("skip", "limit");
        return ((int)entries["skip"].Whole(0, int.MaxValue), (int)entries["limit"].Whole(1, int.MaxValue));
    }

    private static Dictionary<string, IReadOnlyList<string>> Where(StrictYaml node) =>
        node.Map().ToDictionary(c => c.Key, c => (IReadOnlyList<string>)(c.Value.IsList ? Texts(c.Value) : [c.Value.AnyText()]));

    private static string[] Texts(StrictYaml node) => [.. node.List().Select(v => v.Text())];
}
