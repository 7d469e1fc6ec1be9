using Titer.Plugins;
using Titer.Scenarios.Yaml;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>Reads a tournament file strictly; every option keeps its place for the checks that need the plugins.</summary>
public static class TournamentFileReader
{
    private const int MostSeeds = 10_000;

    /// <exception cref="YamlProblemException">The file is missing, not YAML, or not a tournament.</exception>
    public static TournamentFile Read(string path) => File.Exists(path)
        ? Parse(path, File.ReadAllText(path))
        : throw new YamlProblemException(
            new YamlProblem(path, 0, 0,
                "TITER601 There is no such tournament file. Check the path, or leave it out to play the embedded tournament."));

    public static TournamentFile Parse(string path, string text)
    {
        var file = new TournamentFile { Path = path };
        foreach (var (key, value) in StrictYaml.Parse(path, text)
            .Map("name", "scenario", "device", "seeds", "attack_seeds", "budget", "early_stopping", "aa", "defenses", "attacks", "aggregations",
                "plugins"))
        {
            file = key switch
            {
                "name" => file with { Name = Name(value) },
                "scenario" => file with { Scenario = Place(value, value.Text()) },
                "device" => file with { Device = Device(value) },
                "early_stopping" => file with { EarlyStopping = Flag(value) },
                "aa" => file with { IsAa = Flag(value) },
                "seeds" => file with { Seeds = Seeds(value) },
                "attack_seeds" => file with { AttackSeeds = (int)value.Whole(1, 1000) },
                "budget" => Budget(file, value),
                "defenses" => file with { Defenses = [.. value.List().Select(Entrant)] },
                "attacks" => file with { Attacks = [.. value.List().Select(Entrant)] },
                "aggregations" => file with { Aggregations = Aggregations(value) },
                "plugins" => file with { Plugins = [.. value.List().Select(v => v.Text())] },
                _ => throw new System.Diagnostics.UnreachableException(key),
            };
        }

        return file;
    }

    private static string Name(StrictYaml value)
    {
        var name = value.Text();
        return name.Length <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && name[0] != '.'
            ? name
            : throw value.Problem($"TITER605 '{name}' is not a run name. Use 1 to 64 letters, digits, '-', '_' or '.': it becomes a folder.");
    }

    private static bool Flag(StrictYaml value) => value.Text() switch
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

    private static TournamentFile Budget(TournamentFile file, StrictYaml value)
    {
        foreach (var (side, limits) in value.Map("attack", "defense"))
            file = side == "attack" ? file with { Attack = Side(limits, "tries") } : file with { Defense = Side(limits) };
        return file;
    }

    private static AggregationSettings Aggregations(StrictYaml value)
    {
        var settings = new AggregationSettings();
        foreach (var (key, entry) in value.Map("top_n", "utility_losses"))
        {
            settings = key == "top_n"
                ? settings with { TopN = (int)entry.Whole(1, 1000) }
                : settings with { UtilityLosses = [.. entry.List().Select(loss => loss.Number(0, 1)).Distinct().Order()] };
        }

        return settings;
    }

    private static BudgetEntry Side(StrictYaml value, params ReadOnlySpan<string> more)
    {
        var entry = new BudgetEntry();
        foreach (var (unit, limit) in value.Map(["steps", "samples", "seconds", "megabytes", .. more]))
        {
            entry = unit switch
            {
                "steps" => entry with { Steps = (int)limit.Whole(1, 10_000_000) },
                "samples" => entry with { Samples = limit.Whole(1, 1_000_000_000_000) },
                "tries" => entry with { Tries = (int)limit.Whole(1, 10_000) },
                "seconds" => entry with { Seconds = limit.Number(0.1, 1e7) },
                // A worker that only loads torch and the subject has 300 already.
                _ => entry with { Megabytes = limit.Number(400, 1e7) },
            };
        }

        return entry;
    }

    /// <summary>A bare id, or a mapping with options.</summary>
    private static EntrantEntry Entrant(StrictYaml value)
    {
        if (!value.IsMapping) return new EntrantEntry { Id = Place(value, value.Text()) };
        var keys = value.Map("id", "set", "sweep", "strengths");
        if (!keys.TryGetValue("id", out var id)) throw value.Problem("TITER604 The key 'id' is missing. Name the plugin: { id: repnoise }.");
        return new EntrantEntry
        {
            Id = Place(id, id.Text()),
            Strengths = keys.TryGetValue("strengths", out var strengths) ? [.. strengths.List().Select(s => Place(s, s.Text()))] : [],
            Set = Options(keys.GetValueOrDefault("set"), Setting),
            Sweep = Options<IReadOnlyList<Positioned<string>>>(keys.GetValueOrDefault("sweep"), values => [.. values.List().Select(Setting)]),
        };
    }

    private static Dictionary<string, T> Options<T>(StrictYaml? value, Func<StrictYaml, T> read) =>
        value?.Map().ToDictionary(o => o.Key, o => read(o.Value)) ?? [];

    /// <summary>One value, or a list as one text.</summary>
    private static Positioned<string> Setting(StrictYaml value) =>
        Place(value, value.IsList ? TextListSyntax.Join(value.List().Select(v => v.AnyText())) : value.Text());

    private static Positioned<string> Place(StrictYaml value, string text) => new(text, (int)value.Line, (int)value.Column);
}
