using Titer.Files;
using Titer.League.Catalog;
using Titer.League.Configuration;
using Titer.League.Play;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Plugins.Trust;
using Titer.Plugins.Watching;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Scenarios.Yaml;

namespace Titer.League.Tests;

public sealed class LeagueFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-league-").FullName;

    [Fact]
    public void A_league_is_a_tournament_with_folders_of_its_own()
    {
        File.WriteAllText(Path.Combine(_folder, "league.yaml"),
            "name: spring\nseeds: [1, 2]\nattacks: [lora_finetune]\nwatch: [in, /srv/more]\nlanes: 3\n");

        var file = LeagueFileReader.Read(_folder);

        Assert.Equal([1, 2], file.Tournament.Seeds!);
        Assert.Equal("lora_finetune", file.Tournament.Attacks![0].Id.Value);
        Assert.Equal([Path.Combine(_folder, "in"), "/srv/more"], file.WatchedFolders);
        Assert.Equal((Path.Combine(_folder, "results"), 3), (file.ResultsFolder, file.Lanes));
        Assert.Null(file.InboxFolder);

        file = LeagueFileReader.Parse(file.Path, "submissions: { per_author: 3, folder: in }\npriorities: { mine: 7, theirs: -1 }\n");
        Assert.Equal((Path.Combine(_folder, "in"), 3, 64L << 20), (file.InboxFolder, file.Submissions!.PerAuthor, file.Submissions.Bytes));
        Assert.Equal([("mine", 7), ("theirs", -1)], file.Priorities.Select(p => (p.Key, p.Value)));
    }

    [Theory]
    [InlineData("watch: []", "TITER680")]
    [InlineData("aa: true", "TITER512")]
    [InlineData("plugins: [p]", "TITER512")]
    [InlineData("lanes: 0", "TITER514")]
    [InlineData("submissions: { per_author: 0 }", "TITER514")]
    [InlineData("submissions: { size: 1 }", "TITER512")]
    [InlineData("priorities: { vaccine: 5000 }", "TITER514")]
    public void What_a_league_cannot_be_is_refused_with_its_place(string text, string code)
    {
        var e = Assert.Throws<YamlProblemException>(() => LeagueFileReader.Parse("/l/league.yaml", text));
        Assert.StartsWith("/l/league.yaml:1:", e.Message, StringComparison.Ordinal);
        Assert.Contains(code, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_league_without_a_file_is_refused() =>
        Assert.Contains("TITER680", Assert.Throws<YamlProblemException>(() => LeagueFileReader.Read(_folder)).Message, StringComparison.Ordinal);

    [Fact]
    public void Entries_outlive_the_host_and_a_damaged_file_is_refused()
    {
        var entry = new LeagueEntry
        {
            Id = "a", Kind = PluginKind.Defense, ContentHash = "1", Version = "1.0.0", Generation = 1, Place = "/p/a", State = EntryState.Removed,
            Since = DateTimeOffset.UnixEpoch,
        };
        LeagueLedger.Open(_folder, "spring", TimeProvider.System).Change(d => d with { Entries = [entry] });

        Assert.Equal([entry], LeagueLedger.Open(_folder, "spring", TimeProvider.System).Document.Entries);

        File.WriteAllText(Path.Combine(_folder, LeagueLedger.FileName), "{ \"version\": 1, ");
        Assert.Equal("TITER683", Assert.Throws<FileRefusalException>(() => LeagueLedger.Open(_folder, "spring", TimeProvider.System)).Code);
    }

    [Fact]
    public void A_drop_that_makes_the_host_fail_costs_nothing_but_a_line()
    {
        var lines = new List<string>();
        using var results = RunFolder.Open(Path.Combine(_folder, "results"));
        var file = LeagueFileReader.Parse(Path.Combine(_folder, "league.yaml"), "attacks: []");
        var host = new LeagueHost
        {
            Version = "1", BundledPlugins = _folder, WorkerDll = "", Protection = WorkerProtection.Detect(SandboxMode.Off),
            Key = ResultKey.OfThisProcess(), Quarantine = Quarantine.Empty, Device = "cpu", Say = lines.Add,
        };
        var ledger = LeagueLedger.Open(results.Path, "spring", TimeProvider.System);
        using var watch = new DropWatch([]);
        var catalog = new LeagueCatalog(watch, _ => throw new InvalidOperationException("nobody thought of this"),
            new LeagueField(file, host, results, new PluginGate()), ledger, new LeagueLog(results.Path, host.Clock, lines.Add), host.Clock);
        var drop = new Drop(Path.Combine(_folder, "hostile"), DropKind.Folder, MayBeUnfinished: false);

        Assert.Null(catalog.Take(drop));
        Assert.Null(catalog.Take(drop));

        Assert.Contains("TITER684", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Equal("hostile", Assert.Single(ledger.Document.Refused).Name);
        Assert.Empty(ledger.Document.Entries);
    }

    [Fact]
    public void A_drop_that_the_operators_policy_does_not_accept_is_refused_in_a_line()
    {
        var lines = new List<string>();
        var bundled = Built("plugins", "");
        var policy = new PluginPolicy
        {
            File = "plugin-policy.yaml", Sha256 = new string('0', 64), Own = PluginCatalog.Scan([bundled]).HashesIn(bundled),
        };
        using var league = OpenLeague.Open(LeagueFileReader.Parse(Path.Combine(_folder, "league.yaml"), "attacks: []"), new LeagueHost
        {
            Version = "1", BundledPlugins = bundled, WorkerDll = "", Protection = WorkerProtection.Detect(SandboxMode.Off),
            Key = ResultKey.OfThisProcess(), Quarantine = Quarantine.Empty, Policy = policy, Device = "cpu", Say = lines.Add,
        });

        Assert.Null(league.Catalog.Take(new Drop(Built("fixtures", "UnchangedModel"), DropKind.Folder, MayBeUnfinished: false)));

        Assert.Contains("TITER185", Assert.Single(league.Ledger.Document.Refused).Why, StringComparison.Ordinal);
        Assert.Contains("TITER185", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Equal("nothing but what came with titer", league.First.Spec.Policy?.Text);
        Assert.All(league.First.Spec.Defenses, d => Assert.Equal("came with titer", d.Standing));
    }

    [Fact]
    public void A_program_that_a_leagues_file_names_enters_it_and_is_held_against_the_policy()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "mine"));
        var bundled = Built("plugins", "");
        using var league = OpenLeague.Open(LeagueFileReader.Parse(Path.Combine(_folder, "league.yaml"),
            "attacks: []\ndefenses: [{ command: [python3, defend.py], folder: mine }]\n"), new LeagueHost
        {
            Version = "1", BundledPlugins = bundled, WorkerDll = "", Protection = WorkerProtection.Detect(SandboxMode.Off),
            Key = ResultKey.OfThisProcess(), Quarantine = Quarantine.Empty, Device = "cpu", Say = _ => { },
            Policy = new PluginPolicy { File = "plugin-policy.yaml", Sha256 = new string('0', 64),
                Own = PluginCatalog.Scan([bundled]).HashesIn(bundled) },
        });

        Assert.Equal("TITER188", league.First.Spec.Defenses.Single(d => d.Label == "mine").Refusal?.Code);
    }

    [Fact]
    public void A_dll_in_no_folder_of_its_own_is_refused()
    {
        using var inspected = InspectedDrop.Of(new Drop("/p/a.dll", DropKind.LooseAssembly, MayBeUnfinished: false), new PluginGate());

        Assert.Equal("TITER681", Assert.Single(inspected.Verdict.Problems).Code);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What the build has put beside the tests, for the same configuration.</summary>
    private static string Built(string kind, string name)
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory);
        var artifacts = tests.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(artifacts, kind, tests.Name.Split('_')[0], name);
    }
}
