using Titer.Scenarios.Yaml;

namespace Titer.Scenarios.Data;

/// <summary>The form of <c>data</c> in a scenario file that names files.</summary>
internal static class DataDeclaration
{
    public const string ReferenceText = "reference_text";

    /// <summary>All parts must be there: every one is asked for by a verdict or by a bundled plugin.</summary>
    public static readonly string[] Parts =
    [
        "defender_harmful", "defender_benign", "attacker_harmful", "attacker_benign", "evaluation_harmful", "evaluation_benign",
        "trainability_training", "trainability_evaluation", ReferenceText,
    ];

    /// <summary>Keys beside the parts.</summary>
    public static readonly string[] TruncationKeys = ["max_length", "truncation_side"];

    private const int ShortestMaxLength = 8;
    private static readonly Dictionary<string, TruncationSide> Sides = Enum.GetValues<TruncationSide>()
        .ToDictionary(side => side.ToString().ToLowerInvariant());
    private static readonly Dictionary<string, DataFileFormat> Formats = Enum.GetValues<DataFileFormat>()
        .ToDictionary(f => f.ToString().ToLowerInvariant());
    private static readonly Dictionary<string, ChatRole?> Roles = Enum.GetValues<ChatRole>()
        .ToDictionary(role => role.ToString().ToLowerInvariant(), role => (ChatRole?)role)
        .Append(KeyValuePair.Create(RoleNames.LeaveOut, (ChatRole?)null)).ToDictionary();

    /// <param name="folder">Folder of the scenario file: paths are relative to it.</param>
    public static IReadOnlyList<DataPartFile> Read(string folder, StrictYaml node)
    {
        var entries = node.Map([.. Parts, .. TruncationKeys]);
        var missing = Parts.Where(part => !entries.ContainsKey(part)).ToArray();
        return missing.Length == 0
            ? [.. entries.Where(entry => Parts.Contains(entry.Key)).Select(entry => Part(folder, entry.Key, entry.Value))]
            : throw node.Problem(
                $"TITER535 'data' lacks {string.Join(", ", missing)}. Name a file for each of {string.Join(", ", Parts)}, or use 'generator'.");
    }

    /// <summary>What is declared about rows that are too long; null when nothing is.</summary>
    public static Truncation? ReadTruncation(StrictYaml node)
    {
        var entries = node.Map();
        var side = entries.TryGetValue("truncation_side", out var named) ? OneOf(named, Sides) : TruncationSide.Right;
        if (entries.TryGetValue("max_length", out var length)) return new Truncation((int)length.Whole(ShortestMaxLength, int.MaxValue), side);
        return named is null
            ? null
            : throw named.Problem("TITER535 data.truncation_side says where rows are cut, and no data.max_length says when. Declare both.");
    }

    private static DataPartFile Part(string folder, string name, StrictYaml node)
    {
        var part = node.Fold<DataPartFile>(
            new DataPartFile(name),
            ("file", (part, value) => part with { Paths = DataPaths.Of(folder, value) }),
            ("format", (part, value) => part with { Format = OneOf(value, Formats) }),
            ("shape", (part, value) => part with { Shape = OneOf(value, DataShapes.ByName) }),
            ("columns", (part, value) =>
                part with { Columns = value.Map(DataShapes.Columns).ToDictionary(column => column.Key, column => column.Value.Text()) }),
            ("header", (part, value) => part with { Header = [.. value.List().Select(column => column.Text())] }),
            ("domain", (part, value) => part with { Domain = value.Text() }),
            ("limit", (part, value) => part with { Limit = (int)value.Whole(1, int.MaxValue) }),
            ("refusal", (part, value) => part with { Refusal = value.Text() }),
            ("where", (part, value) => part with { Where = value.Map().ToDictionary(column => column.Key, column => Wanted(column.Value)) }),
            ("roles", (part, value) =>
                part with { Roles = part.Roles.With(value.Map().Select(role => KeyValuePair.Create(role.Key, OneOf(role.Value, Roles)))) }));
        node.Required(node.Map(), "file", $"TITER535 data.{name} has no 'file'. Name one, relative to the scenario file.");
        return part;
    }

    /// <summary>One value, or any of a list.</summary>
    private static IReadOnlyList<string> Wanted(StrictYaml node) => [.. (node.IsList ? node.List() : [node]).Select(wanted => wanted.AnyText())];

    private static T OneOf<T>(StrictYaml node, IReadOnlyDictionary<string, T> known) => known.TryGetValue(node.Text(known.Keys), out var value)
        ? value
        : throw node.Problem($"TITER535 '{node.Text()}' is not known. Known: {string.Join(", ", known.Keys)}.");
}
