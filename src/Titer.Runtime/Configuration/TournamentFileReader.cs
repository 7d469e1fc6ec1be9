using Titer.Plugins;
using Titer.Runtime.Configuration.Protocols;
using Titer.Scenarios.Yaml;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>Reads a tournament file strictly; every option keeps its place for the checks that need the plugins.</summary>
internal static class TournamentFileReader
{
    private const int MostSeeds = 10_000;

    /// <summary>With its protocol filled in.</summary>
    /// <exception cref="YamlProblemException">The file is missing, not YAML, or not a tournament.</exception>
    public static TournamentFile Read(string path) => ProtocolTable.Applied(Written(path));

    /// <summary>The file, or the embedded tournament, as somebody else would attack: their protocol in place of the file's.</summary>
    /// <param name="protocol">Null leaves it to the file.</param>
    public static TournamentFile Read(string? path, string? protocol)
    {
        if (protocol is null) return path is null ? TournamentFile.Default : Read(path);
        var file = path is null ? TournamentFile.Default : Written(path);
        return ProtocolTable.Applied(file with
        {
            Protocol = new Positioned<string>(protocol, 0, 0),
            Name = file.Name is { } name ? $"{name}-{protocol}" : null,
        });
    }

    private static TournamentFile Written(string path) => File.Exists(path)
        ? Parse(path, File.ReadAllText(path))
        : throw new YamlProblemException(
            new YamlProblem(path, 0, 0,
                "TITER601 There is no such tournament file. Check the path, or leave it out to play the embedded tournament."));

    /// <summary>As written: a protocol is named in it, not filled in.</summary>
    public static TournamentFile Parse(string path, string text) => Of(StrictYaml.Parse(path, text), path);

    /// <summary>What a tournament file may hold, learnt from this reader.</summary>
    public static YamlShape Shape() => StrictYaml.ShapeOf(value => Of(value, "tournament.yaml"));

    /// <param name="path">Null for one that is part of something else.</param>
    internal static TournamentFile Of(StrictYaml node, string? path) => node.Fold<TournamentFile>(new TournamentFile { Path = path }, [.. Keys]);

    /// <summary>Every key with its reader; a league's file has them among its own.</summary>
    internal static IReadOnlyList<(string Key, Func<TournamentFile, StrictYaml, TournamentFile> Read)> Keys { get; } =
    [
        ("protocol", (file, value) => file with { Protocol = Place(value, value.Text()) }),
        ("name", (file, value) => file with { Name = Name(value) }),
        ("scenario", (file, value) => file with { Scenario = Place(value, value.Text()) }),
        ("device", (file, value) => file with { Device = Device(value) }),
        ("seeds", (file, value) => file with { Seeds = Seeds(value) }),
        ("attack_seeds", (file, value) => file with { AttackSeeds = (int)value.Whole(1, 1000) }),
        ("budget", Budget),
        ("early_stopping", (file, value) => file with { EarlyStopping = Flag(value) }),
        ("aa", (file, value) => file with { IsAa = Flag(value) }),
        ("defenses", (file, value) => file with { Defenses = [.. value.List().Select(Entrant)] }),
        ("attacks", (file, value) => file with { Attacks = [.. value.List().Select(Entrant)] }),
        ("metrics", (file, value) => file with { Metrics = Metrics(value) }),
        ("aggregations", (file, value) => file with { Aggregations = Aggregations(value) }),
        ("engine", (file, value) => file with { Engine = EngineReader.Read(value) }),
        ("plugins", (file, value) => file with { Plugins = [.. value.List().Select(v => v.Text())] }),
    ];

    private static string Name(StrictYaml value)
    {
        var name = value.Text();
        return name.Length <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && name[0] != '.'
            ? name
            : throw value.Problem($"TITER605 '{name}' is not a run name. Use 1 to 64 letters, digits, '-', '_' or '.': it becomes a folder.");
    }

    private static bool Flag(StrictYaml value) => value.Text(["true", "false"]) switch
    {
        "true" => true,
        "false" => false,
        var other => throw value.Problem($"TITER605 '{other}' is neither true nor false."),
    };

    private static string Device(StrictYaml value)
    {
        var device = value.Text();
        return DeviceName.IsValid(device) ? device : throw value.Problem($"TITER610 '{device}' is not a device. Use {DeviceName.Known}.");
    }

    private static int[] Seeds(StrictYaml value)
    {
        var items = value.List();
        if (items.Count > MostSeeds) throw value.Problem(
            FormattableString.Invariant(
                $"TITER605 'seeds' has {items.Count} numbers, more than {MostSeeds}. Every seed is a defended model of its own."));
        var seeds = items.Select(s => (int)s.Whole(0, int.MaxValue)).ToArray();
        if (seeds.Length == 0) throw value.Problem("TITER605 'seeds' is empty. Give at least one; three or more make intervals meaningful.");
        return seeds.Distinct().Count() == seeds.Length
            ? seeds
            : throw value.Problem("TITER605 A seed occurs twice. Every seed is a repetition of its own.");
    }

    private static TournamentFile Budget(TournamentFile file, StrictYaml value) => value.Fold<TournamentFile>(
        file,
        ("attack", (file, limits) =>
            file with { Attack = Side(limits, ("tries", (entry, limit) => entry with { Tries = (int)limit.Whole(1, 10_000) })) }),
        ("defense", (file, limits) => file with { Defense = Side(limits) }),
        ("metric", (file, limits) => file with { Metric = limits.Fold<BudgetEntry>(new BudgetEntry(), [.. Resources]) }));

    private static AggregationSettings Aggregations(StrictYaml value) => value.Fold<AggregationSettings>(
        new AggregationSettings(),
        ("top_n", (settings, entry) => settings with { TopN = (int)entry.Whole(1, 1000) }),
        ("utility_losses", (settings, entry) =>
            settings with { UtilityLosses = [.. entry.List().Select(loss => loss.Number(0, 1)).Distinct().Order()] }));

    private static readonly (string Unit, Func<BudgetEntry, StrictYaml, BudgetEntry> Read)[] Resources =
    [
        ("seconds", (entry, limit) => entry with { Seconds = limit.Number(0.1, 1e7) }),
        // A worker that only loads torch and the subject has 300 already.
        ("megabytes", (entry, limit) => entry with { Megabytes = limit.Number(400, 1e7) }),
    ];

    private static BudgetEntry Side(StrictYaml value, params (string Unit, Func<BudgetEntry, StrictYaml, BudgetEntry> Read)[] more) =>
        value.Fold<BudgetEntry>(
            new BudgetEntry(),
            [
                ("steps", (entry, limit) => entry with { Steps = (int)limit.Whole(1, 10_000_000) }),
                ("samples", (entry, limit) => entry with { Samples = limit.Whole(1, 1_000_000_000_000) }),
                .. Resources,
                .. more,
            ]);

    /// <summary>One metric a role; second opinions are a list.</summary>
    private static MetricEntry[] Metrics(StrictYaml value) =>
    [
        .. value.Map("harm", "utility", "coherence", "also").SelectMany(m => m.Key switch
        {
            "harm" => [Metric(MetricRole.Harm, m.Value)],
            "utility" => [Metric(MetricRole.Utility, m.Value)],
            "coherence" => [Metric(MetricRole.Coherence, m.Value)],
            _ => m.Value.List().Select(other => Metric(MetricRole.Also, other)),
        }),
    ];

    private static MetricEntry Metric(MetricRole role, StrictYaml value)
    {
        if (!value.IsMapping) return new MetricEntry(role, Place(value, value.Text()), Options(null, Setting));
        var keys = value.Map("id", "set");
        var id = value.Required(keys, "id", "TITER604 The key 'id' is missing. Name the metric: { id: answer_match }.");
        return new MetricEntry(role, Place(id, id.Text()), Options(keys.GetValueOrDefault("set"), Setting));
    }

    /// <summary>A bare id, a mapping with options, or a folder that enters without a plugin.</summary>
    private static EntrantEntry Entrant(StrictYaml value)
    {
        if (!value.IsMapping) return new EntrantEntry { Id = Place(value, value.Text()) };
        if (value.HasAny("checkpoint")) return Checkpoint(value, value.Map("checkpoint", "label"));
        if (value.HasAny("command")) return Program(value, value.Map("command", "folder", "label", "reads"));
        var keys = value.Map("id", "set", "sweep", "strengths", "search");
        var id = value.Required(keys, "id", "TITER604 The key 'id' is missing. Name the plugin: { id: repnoise }.");
        return new EntrantEntry
        {
            Id = Place(id, id.Text()),
            Strengths = keys.TryGetValue("strengths", out var strengths) ? [.. strengths.List().Select(s => Place(s, s.Text()))] : [],
            Set = Options(keys.GetValueOrDefault("set"), Setting),
            Sweep = Options<IReadOnlyList<Positioned<string>>>(keys.GetValueOrDefault("sweep"), values => [.. values.List().Select(Setting)]),
            Search = keys.TryGetValue("search", out var search) ? Search(search) : null,
        };
    }

    /// <summary>Without a label it is called as its folder is.</summary>
    private static EntrantEntry Checkpoint(StrictYaml value, IReadOnlyDictionary<string, StrictYaml> keys)
    {
        var folder = value.Required(keys, "checkpoint", "TITER604 The key 'checkpoint' is missing. Name its folder.").Text();
        var label = keys.GetValueOrDefault("label");
        return new EntrantEntry
        {
            Id = Place(label ?? keys["checkpoint"], label?.Text() ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))),
            Checkpoint = Place(keys["checkpoint"], folder),
        };
    }

    /// <summary>Without a label it is called as its folder is.</summary>
    private static EntrantEntry Program(StrictYaml value, IReadOnlyDictionary<string, StrictYaml> keys)
    {
        var folder = value.Required(keys, "folder", "TITER604 The key 'folder' is missing. Name the one that the program's files are in.");
        string[] command = [.. keys["command"].List().Select(part => part.AnyText())];
        if (command.Length == 0 || command[0].Length == 0)
            throw keys["command"].Problem("TITER605 The command is empty. Name the program and its arguments: [python3, defend.py].");
        var (label, name) = (keys.GetValueOrDefault("label"), Path.GetFileName(Path.TrimEndingDirectorySeparator(folder.Text())));
        return new EntrantEntry
        {
            Id = Place(label ?? folder, label?.Text() ?? name),
            Program = new ProgramEntry(Place(keys["command"], command[0]), command, Place(folder, folder.Text()),
                keys.TryGetValue("reads", out var reads) ? [.. reads.List().Select(path => path.Text())] : []),
        };
    }

    private static SearchEntry Search(StrictYaml value)
    {
        var keys = value.Map("tries", "over");
        return new SearchEntry(Place(value, "search"))
        {
            Tries = keys.TryGetValue("tries", out var tries) ? (int)tries.Whole(1, 10_000) : null,
            Over = keys.TryGetValue("over", out var over) ? over.Map().ToDictionary(o => o.Key, o => Searched(o.Value)) : null,
        };
    }

    /// <summary>A list of values, or { from: 1e-6, to: 1e-2 }.</summary>
    private static SearchedOption Searched(StrictYaml value)
    {
        if (value.IsList)
        {
            return value.List() is { Count: > 0 } values ? new SearchedOption([.. values.Select(Setting)])
                : throw value.Problem("TITER605 There is nothing to choose from. List values, or give a range: { from: 1e-6, to: 1e-2 }.");
        }

        var ends = value.Map("from", "to");
        if (ends.Count < 2) throw value.Problem("TITER605 The range has one end. Give both: { from: 1e-6, to: 1e-2 }.");
        var (from, to) = (ends["from"].Number(0, double.MaxValue), ends["to"].Number(0, double.MaxValue));
        return from > 0 && from < to
            ? new SearchedOption([]) { From = Place(ends["from"], ends["from"].Text()), To = Place(ends["to"], ends["to"].Text()) }
            : throw value.Problem("TITER605 The range does not rise from above 0: its logarithm is searched. Write it as { from: 1e-6, to: 1e-2 }.");
    }

    private static Dictionary<string, T> Options<T>(StrictYaml? value, Func<StrictYaml, T> read) =>
        value?.Map().ToDictionary(o => o.Key, o => read(o.Value)) ?? [];

    /// <summary>One value, or a list as one text.</summary>
    private static Positioned<string> Setting(StrictYaml value) =>
        Place(value, value.IsList ? TextListSyntax.Join(value.List().Select(v => v.AnyText())) : value.Text());

    private static Positioned<string> Place(StrictYaml value, string text) => new(text, (int)value.Line, (int)value.Column);
}
