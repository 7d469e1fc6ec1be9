using Titer.Files.Codes;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>A tournament file as written, with positions for messages; nothing is resolved yet. Null means "not given".</summary>
internal sealed record TournamentFile
{
    /// <summary>The file's path, or null for the embedded tournament.</summary>
    public string? Path { get; init; }

    public string? Name { get; init; }

    /// <summary>Embedded scenario's name, or a path (relative to the file).</summary>
    public Positioned<string>? Scenario { get; init; }

    /// <summary>How somebody else attacks, by name: attacks and budgets that the file does not set itself.</summary>
    public Positioned<string>? Protocol { get; init; }

    /// <summary>What the protocol fixes and leaves out, for people; empty without one, or before it was filled in.</summary>
    public IReadOnlyList<string> ProtocolFacts { get; init; } = [];

    public IReadOnlyList<int>? Seeds { get; init; }

    /// <summary>Attacks on every defended model, each with random streams of its own.</summary>
    public int? AttackSeeds { get; init; }

    public BudgetEntry Attack { get; init; } = new();

    public BudgetEntry Defense { get; init; } = new();

    public BudgetEntry Metric { get; init; } = new();

    /// <summary>In place of the scenario's, by role.</summary>
    public IReadOnlyList<MetricEntry>? Metrics { get; init; }

    public IReadOnlyList<EntrantEntry>? Defenses { get; init; }

    public IReadOnlyList<EntrantEntry>? Attacks { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string? Device { get; init; }

    /// <summary>False plays every trajectory and every seed to the end.</summary>
    public bool? EarlyStopping { get; init; }

    /// <summary>Every defense enters twice.</summary>
    public bool? IsAa { get; init; }

    /// <summary>How cells are summed up beside the titer.</summary>
    public AggregationSettings? Aggregations { get; init; }

    /// <summary>Where phases are played; no part of what the tournament is.</summary>
    public EngineEntry? Engine { get; init; }

    /// <summary>More plugin folders, relative to the file.</summary>
    public IReadOnlyList<string> Plugins { get; init; } = [];

    /// <summary>Of a path that it names: relative to the file, or to the current folder where it is none.</summary>
    internal string FullPath(string path) => System.IO.Path.GetFullPath(path,
        Path is null ? Environment.CurrentDirectory : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);

    /// <summary>The embedded tournament: every default.</summary>
    public static TournamentFile Default { get; } = new();
}

/// <summary>A value and where it stands in its file (1-based; 0 when it is not from a file).</summary>
internal sealed record Positioned<T>(T Value, int Line, int Column);

/// <summary>Budget of one side.</summary>
internal sealed record BudgetEntry
{
    public int? Steps { get; init; }

    public long? Samples { get; init; }

    public double? Seconds { get; init; }

    /// <summary>Most tries of one sweep (attacks only).</summary>
    public int? Tries { get; init; }

    /// <summary>Memory of one worker, in MB.</summary>
    public double? Megabytes { get; init; }
}

/// <summary>One line under <c>metrics</c>: a metric of the host's own, or a plugin.</summary>
internal sealed record MetricEntry(MetricRole Role, Positioned<string> Id, IReadOnlyDictionary<string, Positioned<string>> Set)
{
    /// <summary>One that stands in no tournament file.</summary>
    public static MetricEntry Of(MetricRole role, string id, IEnumerable<KeyValuePair<string, string>> options) =>
        new(role, new(id, 0, 0), options.ToDictionary(o => o.Key, o => new Positioned<string>(o.Value, 0, 0)));
}

/// <summary>One line under <c>defenses</c> or <c>attacks</c>.</summary>
internal sealed record EntrantEntry
{
    /// <summary>The plugin's id, or the label of what enters instead of one.</summary>
    public required Positioned<string> Id { get; init; }

    /// <summary>Folder of a checkpoint or an adapter that enters in place of a plugin, relative to the file; null for a plugin.</summary>
    public Positioned<string>? Checkpoint { get; init; }

    /// <summary>A program that enters in place of a plugin; null for a plugin.</summary>
    public ProgramEntry? Program { get; init; }

    /// <summary>Whether a plugin of that id plays it.</summary>
    public bool IsPlugin => Checkpoint is null && Program is null;

    /// <summary>Options set to one value.</summary>
    public IReadOnlyDictionary<string, Positioned<string>> Set { get; init; } = new Dictionary<string, Positioned<string>>();

    /// <summary>The scenario's calibrated strengths to play, each an attacker of its own; empty means the strongest.</summary>
    public IReadOnlyList<Positioned<string>> Strengths { get; init; } = [];

    /// <summary>
    /// Options tried with several values, in every combination. For a defense each is a row of its own; for an attack they are the tries of one
    /// attacker.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Positioned<string>>> Sweep { get; init; } =
        new Dictionary<string, IReadOnlyList<Positioned<string>>>();

    /// <summary>The attacker looks for its options on every defense; null for one that does not.</summary>
    public SearchEntry? Search { get; init; }

    /// <summary>One that stands in no tournament file.</summary>
    public static EntrantEntry Of(string id, IEnumerable<KeyValuePair<string, string>>? options = null) => new()
    {
        Id = new Positioned<string>(id, 0, 0),
        Set = (options ?? []).ToDictionary(o => o.Key, o => new Positioned<string>(o.Value, 0, 0)),
    };
}

/// <summary>A search of an attack's options.</summary>
/// <param name="Place">For messages.</param>
internal sealed record SearchEntry(Positioned<string> Place)
{
    /// <summary>Null means as many as the attack budget allows.</summary>
    public int? Tries { get; init; }

    /// <summary>Null searches what the bundled attacks have in common: four decades of learning
    /// rates, schedule, optimizer, batch size, rank.</summary>
    public IReadOnlyDictionary<string, SearchedOption>? Over { get; init; }
}

/// <summary>Values to choose from, or the ends of a range whose logarithm counts.</summary>
internal sealed record SearchedOption(IReadOnlyList<Positioned<string>> Values)
{
    public Positioned<string>? From { get; init; }

    public Positioned<string>? To { get; init; }
}

/// <summary>The user's input cannot be used. The message is one line: <c>file:line:column: code fact. fix.</c></summary>
internal sealed class ConfigurationException(string message) : Exception(message), ICoded
{
    public ConfigurationException(string? file, int line, int column, string message)
        : this(file is null ? message : line > 0 ? $"{file}:{line}:{column}: {message}" : $"{file}: {message}")
    {
    }

    public string Code { get; } = MessageCode.Of(message);
}
