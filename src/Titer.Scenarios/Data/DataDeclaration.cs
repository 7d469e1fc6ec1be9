using Titer.Scenarios.Data.Presets;
using Titer.Scenarios.Yaml;
using Titer.Sdk.Naming;

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

    /// <summary>Names the set that all parts are of which are not declared.</summary>
    public const string Preset = "preset";

    private const string PresetPath = "path";

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
        var entries = node.Map([.. Parts, .. TruncationKeys, Preset, PresetPath]);
        if (node.IsShape)
        {
            // A file has some of these keys; its schema has all.
            _ = (Known(entries[Preset]), DataPaths.Of(folder, entries[PresetPath]));
            return [.. Parts.Select(part => Part(folder, part, entries[part]))];
        }

        IReadOnlyList<DataPartFile> ofPreset = [.. OfPreset(folder, node, entries).Where(part => !entries.ContainsKey(part.Part))];
        var missing = Parts.Where(part => !entries.ContainsKey(part) && ofPreset.All(p => p.Part != part)).ToArray();
        return missing.Length == 0
            ? [.. ofPreset, .. entries.Where(entry => Parts.Contains(entry.Key)).Select(entry => Part(folder, entry.Key, entry.Value))]
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

    /// <summary>The parts that a set is split into; none without a preset.</summary>
    private static IEnumerable<DataPartFile> OfPreset(string folder, StrictYaml node, IReadOnlyDictionary<string, StrictYaml> entries)
    {
        if (!entries.TryGetValue(Preset, out var named))
        {
            return entries.TryGetValue(PresetPath, out var alone)
                ? throw alone.Problem("TITER571 data.path names a file, and no data.preset what it is of. Name the preset, or each part's file.")
                : [];
        }

        var preset = Known(named);
        if (!entries.TryGetValue(PresetPath, out var path))
            throw named.Problem($"TITER571 '{preset.Name}' has no 'path'. Name the file: nothing is downloaded ({preset.Source}).");
        if (preset.Split.Count == 0)
            throw named.Problem($"TITER571 '{preset.Name}' has no rule of how it is split into parts. Name it in the parts that it is for: "
                + $"evaluation_harmful: {{ preset: {preset.Name}, path: FILE }}.");
        return preset.Split.Select(split => new DataPartFile(split.Key)
        {
            Preset = preset,
            Paths = DataPaths.Of(folder, path),
            Skip = split.Value.Skip,
            Limit = split.Value.Limit,
        });
    }

    private static DataPreset Known(StrictYaml node) => DataPresets.All.TryGetValue(node.Text(DataPresets.All.Keys), out var preset)
        ? preset
        : throw node.Problem($"TITER571 There is no preset '{node.Text()}'.{Suggestion.For(node.Text(), [.. DataPresets.All.Keys])} "
            + $"Known: {string.Join(", ", DataPresets.All.Keys)}.");

    private static DataPartFile Part(string folder, string name, StrictYaml node)
    {
        var part = node.Fold<DataPartFile>(
            new DataPartFile(name),
            ("file", (part, value) => part with { Paths = DataPaths.Of(folder, value) }),
            ("path", (part, value) => part with { Paths = DataPaths.Of(folder, value) }),
            ("preset", (part, value) => part with { Preset = Known(value) }),
            ("skip", (part, value) => part with { Skip = (int)value.Whole(0, int.MaxValue) }),
            ("domains", (part, value) => part with { OnlyDomains = [.. value.List().Select(domain => domain.Text())] }),
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
        if (part.Preset is not null && (part.Shape is not null || part.Columns.Count > 0 || part.Header is not null))
            throw node.Problem($"TITER571 data.{name} has a preset and declares the form of its rows as well. Remove shape, columns and header.");
        return part.Paths.Count > 0 || node.IsShape ? part
            : throw node.Problem($"TITER535 data.{name} has no 'file'. Name one, relative to the scenario file.");
    }

    /// <summary>One value, or any of a list.</summary>
    private static IReadOnlyList<string> Wanted(StrictYaml node) => [.. (node.IsList ? node.List() : [node]).Select(wanted => wanted.AnyText())];

    private static T OneOf<T>(StrictYaml node, IReadOnlyDictionary<string, T> known) => known.TryGetValue(node.Text(known.Keys), out var value)
        ? value
        : throw node.Problem($"TITER535 '{node.Text()}' is not known. Known: {string.Join(", ", known.Keys)}.");
}
