using System.Text.Json;
using Titer.Tournament;
using YamlDotNet.Serialization;

namespace Titer.Runtime.Results;

/// <summary>The files of a run beside its phases: what was asked for, what entered, and what came out.</summary>
public static class RunRecords
{
    /// <summary><c>run.yaml</c> with every default filled in, <c>run.lock.json</c> with the hashes.</summary>
    public static void Write(RunFolder folder, TournamentSpec spec)
    {
        File.WriteAllText(folder.ResolvedTournamentFile, Yaml(spec));
        File.WriteAllText(folder.LockFile, TournamentJson.Serialize(spec));
    }

    /// <summary><c>leaderboard.json</c> and <c>crosstable.csv</c>.</summary>
    public static void Write(RunFolder folder, TournamentReport report) => Write(folder.Path, report);

    /// <inheritdoc cref="Write(RunFolder, TournamentReport)"/>
    public static void Write(string folder, TournamentReport report)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, RunFolder.LeaderboardName), TournamentJson.Serialize(LeaderboardDocument.From(report)));
        File.WriteAllText(Path.Combine(folder, "crosstable.csv"), CrosstableCsv.Write(report));
        File.WriteAllText(Path.Combine(folder, "report.md"), ReportPage.Write(report));
    }

    /// <summary>The spec that the folder was played with.</summary>
    /// <exception cref="InvalidDataException">The folder's lock file is missing or damaged.</exception>
    public static TournamentSpec ReadSpec(RunFolder folder)
    {
        try
        {
            return TournamentJson.ParseSpec(File.ReadAllText(folder.LockFile));
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            throw new InvalidDataException($"TITER611 {folder.Path} is not a results folder: its run.lock.json is missing or damaged. Name the folder that 'titer run' printed.", e);
        }
    }

    private static string Yaml(TournamentSpec spec) => new SerializerBuilder().Build().Serialize(new Dictionary<string, object>
    {
        ["name"] = spec.Name,
        ["scenario"] = spec.Scenario,
        ["seeds"] = spec.Seeds,
        ["attack_seeds"] = spec.AttackSeeds,
        ["budget"] = new Dictionary<string, object> { ["attack"] = Side(spec.AttackLimits), ["defense"] = Side(spec.DefenseLimits) },
        ["defenses"] = spec.Defenses.Select(Entrant),
        ["attacks"] = spec.Attacks.Select(Entrant),
    });

    private static Dictionary<string, object> Side(PhaseLimits limits)
    {
        var side = new Dictionary<string, object> { ["steps"] = limits.Steps };
        if (limits.Samples is { } samples) side["samples"] = samples;
        side["seconds"] = limits.WallSeconds;
        if (limits.MemoryMegabytes is { } megabytes) side["megabytes"] = megabytes;
        return side;
    }

    private static object Entrant(Entrant entrant) => entrant.Options.Count == 0
        ? entrant.Id
        : new Dictionary<string, object> { ["id"] = entrant.Id, ["set"] = entrant.Options };
}
