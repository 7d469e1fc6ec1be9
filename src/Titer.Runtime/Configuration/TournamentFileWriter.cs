using Titer.Tournament;
using YamlDotNet.Serialization;

namespace Titer.Runtime.Configuration;

/// <summary>Writes a tournament file that <see cref="TournamentFileReader"/> reads back as the same tournament.</summary>
internal static class TournamentFileWriter
{
    public static string Write(TournamentFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var keys = new Dictionary<string, object>();
        void Add(string key, object? value)
        {
            if (value is not null) keys[key] = value;
        }

        Add("name", file.Name);
        Add("scenario", file.Scenario?.Value);
        Add("device", file.Device);
        Add("seeds", file.Seeds);
        Add("attack_seeds", file.AttackSeeds);
        var budget = new Dictionary<string, object> { ["attack"] = Side(file.Attack), ["defense"] = Side(file.Defense) };
        if (file.Metric != new BudgetEntry()) budget["metric"] = Side(file.Metric);
        Add("budget", budget);
        Add("early_stopping", file.EarlyStopping);
        Add("aa", file.IsAa);
        Add("defenses", file.Defenses?.Select(Entrant).ToArray());
        Add("attacks", file.Attacks?.Select(Entrant).ToArray());
        Add("aggregations", file.Aggregations is not { } sums ? null : new Dictionary<string,
            object> { ["top_n"] = sums.TopN, ["utility_losses"] = sums.UtilityLosses });
        if (file.Metrics is { Count: > 0 } metrics) Add("metrics",
            metrics.GroupBy(m => m.Role).ToDictionary(role => role.Key.ToString().ToLowerInvariant(), Metrics));
        Add("engine", file.Engine is { } engine ? Engine(engine) : null);
        if (file.Plugins.Count > 0) Add("plugins", file.Plugins);
        return new SerializerBuilder().WithQuotingNecessaryStrings().Build().Serialize(keys);
    }

    private static Dictionary<string, object> Side(BudgetEntry entry)
    {
        var side = new Dictionary<string, object>();
        if (entry.Steps is { } steps) side["steps"] = steps;
        if (entry.Samples is { } samples) side["samples"] = samples;
        if (entry.Tries is { } tries) side["tries"] = tries;
        if (entry.Seconds is { } seconds) side["seconds"] = seconds;
        if (entry.Megabytes is { } megabytes) side["megabytes"] = megabytes;
        return side;
    }

    private static object Engine(EngineEntry engine)
    {
        var (slurm, usual, keys) = (engine.Slurm, new SlurmSettings(), new Dictionary<string, object>());
        void Add<T>(string key, T value, T left)
        {
            if (value is not null && !value.Equals(left)) keys[key] = value;
        }

        Add("partition", slurm.Partition, usual.Partition);
        Add("account", slurm.Account, usual.Account);
        Add("qos", slurm.Qos, usual.Qos);
        Add("time", slurm.Time, usual.Time);
        Add("gres", slurm.Gres, usual.Gres);
        Add("constraint", slurm.Constraint, usual.Constraint);
        Add("memory", slurm.Memory, usual.Memory);
        Add("cpus", slurm.Cpus, usual.Cpus);
        Add("array_limit", slurm.ArrayLimit, usual.ArrayLimit);
        Add("queue_limit", slurm.QueueLimit, usual.QueueLimit);
        Add("phases_per_job", slurm.PhasesPerJob, usual.PhasesPerJob);
        Add("attempts", slurm.Attempts, usual.Attempts);
        Add("poll_seconds", slurm.PollSeconds, usual.PollSeconds);
        Add("signal_seconds", slurm.SignalSeconds, usual.SignalSeconds);
        if (slurm.Directives.Count > 0) keys["directives"] = slurm.Directives;
        if (slurm.Setup.Count > 0) keys["setup"] = slurm.Setup;
        if (slurm.Environment.Count > 0) keys["environment"] = slurm.Environment;
        Add("container", slurm.Container, usual.Container);
        Add("program", slurm.Program, usual.Program);
        if (engine.Kind == EngineKind.Local) return "local";
        return keys.Count == 0 ? "slurm" : new Dictionary<string, object> { ["slurm"] = keys };
    }

    private static object Metrics(IGrouping<MetricRole, MetricEntry> role)
    {
        object[] metrics = [.. role.Select(m => Entrant(new EntrantEntry { Id = m.Id, Set = m.Set }))];
        return role.Key == MetricRole.Also ? metrics : metrics[0];
    }

    private static Dictionary<string, object> Search(SearchEntry search)
    {
        var keys = new Dictionary<string, object>();
        if (search.Tries is { } tries) keys["tries"] = tries;
        if (search.Over is { } over)
        {
            keys["over"] = over.ToDictionary(o => o.Key, object (o) => o.Value is { From: { } from, To: { } to }
                ? new Dictionary<string, object> { ["from"] = Number(from), ["to"] = Number(to) }
                : o.Value.Values.Select(v => v.Value).ToArray());
        }

        return keys;
    }

    /// <summary>Not as a text: a quoted number is none.</summary>
    private static double Number(Positioned<string> number) => double.Parse(number.Value, System.Globalization.CultureInfo.InvariantCulture);

    private static object Entrant(EntrantEntry entry)
    {
        if (entry.Checkpoint is { } checkpoint)
            return new Dictionary<string, object> { ["checkpoint"] = checkpoint.Value, ["label"] = entry.Id.Value };
        if (entry.Program is { } program)
        {
            var named = new Dictionary<string, object> { ["command"] = program.Command.ToArray(), ["folder"] = program.Folder.Value,
                ["label"] = entry.Id.Value };
            if (program.Reads.Count > 0) named["reads"] = program.Reads.ToArray();
            return named;
        }

        var keys = new Dictionary<string, object> { ["id"] = entry.Id.Value };
        if (entry.Set.Count > 0) keys["set"] = entry.Set.ToDictionary(o => o.Key, o => o.Value.Value);
        if (entry.Sweep.Count > 0) keys["sweep"] = entry.Sweep.ToDictionary(o => o.Key, o => o.Value.Select(v => v.Value).ToArray());
        if (entry.Strengths.Count > 0) keys["strengths"] = entry.Strengths.Select(s => s.Value).ToArray();
        if (entry.Search is { } search) keys["search"] = Search(search);
        return keys.Count == 1 ? entry.Id.Value : keys;
    }
}
