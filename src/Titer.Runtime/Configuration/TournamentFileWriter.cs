using YamlDotNet.Serialization;

namespace Titer.Runtime.Configuration;

/// <summary>Writes a tournament file that <see cref="TournamentFileReader"/> reads back as the same tournament.</summary>
public static class TournamentFileWriter
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
        Add("budget", new Dictionary<string, object> { ["attack"] = Side(file.Attack), ["defense"] = Side(file.Defense) });
        Add("early_stopping", file.EarlyStopping);
        Add("aa", file.IsAa);
        Add("defenses", file.Defenses?.Select(Entrant).ToArray());
        Add("attacks", file.Attacks?.Select(Entrant).ToArray());
        Add("aggregations", file.Aggregations is not { } sums
            ? null
            : new Dictionary<string, object> { ["top_n"] = sums.TopN, ["utility_losses"] = sums.UtilityLosses });
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

    private static object Entrant(EntrantEntry entry)
    {
        var keys = new Dictionary<string, object> { ["id"] = entry.Id.Value };
        if (entry.Set.Count > 0) keys["set"] = entry.Set.ToDictionary(o => o.Key, o => o.Value.Value);
        if (entry.Sweep.Count > 0) keys["sweep"] = entry.Sweep.ToDictionary(o => o.Key, o => o.Value.Select(v => v.Value).ToArray());
        if (entry.Strengths.Count > 0) keys["strengths"] = entry.Strengths.Select(s => s.Value).ToArray();
        return keys.Count == 1 ? entry.Id.Value : keys;
    }
}
