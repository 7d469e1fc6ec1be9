using Titer.Files;
using Titer.League.Configuration;
using Titer.League.Play;
using Titer.League.Seasons;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.League.Tests;

/// <summary>A league on the disk, with the host's own plugins and the embedded scenario, in which nothing is played.</summary>
internal sealed class LeagueBench : IDisposable
{
    public const string HostVersion = "1";

    /// <summary>Of the host's own plugins those that are needed here: all of them are looked at whenever a league is opened.</summary>
    private static readonly string[] Bundled =
    [
        "Attacks.NoWeightModification", "Attacks.FullParameterFinetune", "Attacks.LoraFinetune", "Defenses.NoDefense", "Defenses.RefuseEverything",
        "Defenses.Collapsed", "Defenses.ConstantAnswer", "Defenses.RescaledUnits", "Defenses.Vaccine",
    ];

    private readonly ResultKey _key = ResultKey.OfThisProcess();

    public LeagueBench()
    {
        foreach (var name in Bundled) FolderCopy.Copy(Built("plugins", $"Titer.{name}"), Path.Combine(Folder, "bundled", name));
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("titer-season-").FullName;

    public string Results => Path.Combine(Folder, "results");

    public string SeasonFile => Path.Combine(Results, Runtime.Seasons.SeasonFile.FileName);

    public LeagueHost Host => new()
    {
        Version = HostVersion, BundledPlugins = Path.Combine(Folder, "bundled"), WorkerDll = "",
        Protection = WorkerProtection.Detect(SandboxMode.Off),
        Key = _key, Quarantine = Quarantine.Empty, Device = "cpu", Say = _ => { }, Clock = new Noon(),
    };

    public LeagueFile Read(string yaml) => LeagueFileReader.Parse(Path.Combine(Folder, "league.yaml"), yaml);

    public SeasonDocument Open(string yaml, string? name = null) => LeagueSeasons.Open(Read(yaml), Host, name);

    public SeasonDocument Close(string yaml, bool unfinished = true) => LeagueSeasons.Close(Read(yaml), Host, unfinished);

    public OpenLeague Serve(string yaml) => OpenLeague.Open(Read(yaml), Host);

    public IReadOnlyList<SeasonFinding> Verify(string yaml, Func<LeagueHost, LeagueHost>? changed = null) =>
        SeasonCheck.Verify(Read(yaml), (changed ?? (host => host))(Host), Runtime.Seasons.SeasonFile.Find(Results)!);

    public TournamentSpec Resolve(string yaml)
    {
        using var folder = RunFolder.OpenToRead(Results, _key);
        return new LeagueField(Read(yaml), Host, folder, new PluginGate(), SeasonCanaries.Ids)
            .Resolve(LeagueLedger.Find(Results)?.Entries ?? []).Spec;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>What the build has put beside the tests, for the same configuration.</summary>
    public static string Built(string kind, string name)
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory);
        var artifacts = tests.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(artifacts, kind, tests.Name.Split('_')[0], name);
    }

    private sealed class Noon : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
