using System.Text.RegularExpressions;
using Titer.Scenarios.Yaml;

namespace Titer.Runtime.Configuration;

/// <summary>Reads <c>engine</c> of a tournament file: a name, or Slurm with its settings. Everything in it ends up in a script, so words are words.
/// </summary>
internal static partial class EngineReader
{
    public static EngineEntry Read(StrictYaml value)
    {
        if (!value.IsMapping)
        {
            return value.Text() switch
            {
                "local" => new EngineEntry(EngineKind.Local, new SlurmSettings()),
                "slurm" => new EngineEntry(EngineKind.Slurm, new SlurmSettings()),
                var other => throw value.Problem($"TITER666 '{other}' is not an engine. Use local, slurm, or slurm: {{ partition: gpu }}."),
            };
        }

        return value.Fold<EngineEntry>(new EngineEntry(EngineKind.Local, new SlurmSettings()),
            ("slurm", (_, settings) => new EngineEntry(EngineKind.Slurm, Settings(settings))));
    }

    private static SlurmSettings Settings(StrictYaml value) => value.Fold<SlurmSettings>(new SlurmSettings(),
        ("partition", (s, v) => s with { Partition = Word(v) }),
        ("account", (s, v) => s with { Account = Word(v) }),
        ("qos", (s, v) => s with { Qos = Word(v) }),
        ("time", (s, v) => s with { Time = Time(v) }),
        ("gres", (s, v) => s with { Gres = Word(v) }),
        ("constraint", (s, v) => s with { Constraint = Word(v) }),
        ("memory", (s, v) => s with { Memory = Word(v) }),
        ("cpus", (s, v) => s with { Cpus = (int)v.Whole(1, 4096) }),
        ("array_limit", (s, v) => s with { ArrayLimit = (int)v.Whole(1, 1_000_000) }),
        ("queue_limit", (s, v) => s with { QueueLimit = (int)v.Whole(1, 1_000_000) }),
        ("phases_per_job", (s, v) => s with { PhasesPerJob = (int)v.Whole(1, 10_000) }),
        ("attempts", (s, v) => s with { Attempts = (int)v.Whole(1, 100) }),
        ("poll_seconds", (s, v) => s with { PollSeconds = v.Number(0.2, 3600) }),
        ("signal_seconds", (s, v) => s with { SignalSeconds = (int)v.Whole(0, 65535) }),
        ("directives", (s, v) => s with { Directives = [.. v.List().Select(Directive)] }),
        ("setup", (s, v) => s with { Setup = [.. v.List().Select(Line)] }),
        ("environment", (s, v) => s with { Environment = v.Map().ToDictionary(e => Name(v, e.Key), e => OneLine(e.Value, e.Value.AnyText())) }),
        ("container", (s, v) => s with { Container = Line(v) }),
        ("program", (s, v) => s with { Program = Line(v) }));

    private static string Word(StrictYaml value)
    {
        var text = value.Text();
        return text.Length <= 200 && text.All(c => c is > ' ' and < '\x7f' and not ('\'' or '"' or '`' or '\\' or '$' or ';')) && text[0] != '-'
            ? text
            : throw value.Problem("TITER666 It is not one word. It becomes an option of sbatch: letters, digits, and marks such as : , = & |.");
    }

    private static string Time(StrictYaml value) => SlurmTime().IsMatch(value.Text()) ? value.Text()
        : throw value.Problem($"TITER666 '{value.Text()}' is not a time limit. Use minutes (90), hours:minutes:seconds (\"8:00:00\") or "
            + "days-hours:minutes:seconds (2-00:00:00).");

    private static string Directive(StrictYaml value) => value.Text().StartsWith("--", StringComparison.Ordinal) ? Line(value)
        : throw value.Problem("TITER666 It is not an option of sbatch. Write it as on its command line: --reservation=night.");

    private static string Name(StrictYaml mapping, string name) => VariableName().IsMatch(name) ? name
        : throw mapping.Problem($"TITER666 '{name}' is not the name of a variable. Use letters, digits and '_', and no digit first.");

    private static string Line(StrictYaml value) => OneLine(value, value.Text());

    private static string OneLine(StrictYaml value, string text) => text.Any(char.IsControl)
        ? throw value.Problem("TITER666 It has more than one line. Write one line an entry: it becomes a line of the job's script.")
        : text;

    [GeneratedRegex(@"^(\d{1,7}(:\d{1,2}){0,2}|\d{1,4}-\d{1,2}(:\d{1,2}){0,2})$")]
    private static partial Regex SlurmTime();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariableName();
}
