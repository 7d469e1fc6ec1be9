using System.Security.Cryptography;
using System.Text;
using Titer.Plugins;
using Titer.Runtime.Results;
using Titer.Runtime.Submissions;
using Titer.Scenarios;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.League.Tests;

/// <summary>What an author's own results are worth.</summary>
public sealed class SubmissionCheckTests : IDisposable
{
    private readonly AuthorBench _bench = new();
    private int _folders;

    [Fact]
    public void Results_that_come_to_what_is_claimed_are_consistent_and_none_are_self_reported()
    {
        var judged = Judge(r => r with { Results = Played() });

        Assert.Equal(SubmissionStanding.Consistent, judged.Standing);
        Assert.Empty(judged.Findings);
        Assert.Equal(SubmissionStanding.SelfReported, Judge(r => r).Standing);
    }

    [Fact]
    public void A_row_that_its_results_do_not_come_to_is_found_out()
    {
        var results = Played();

        // The claim is of these results, and one of them goes away after it was made: signed, and untrue.
        var judged = Judge(r => r with { Results = results }, claim => claim with { Titer = "1:64" });

        Assert.Equal(SubmissionStanding.SelfReported, judged.Standing);
        Assert.Contains("1:64", Assert.Single(judged.Findings).Text, StringComparison.Ordinal);
        Assert.Equal("TITER736", judged.Findings[0].Code);
    }

    [Fact]
    public void Results_of_another_row_or_that_cannot_be_read_are_found_out()
    {
        var results = Played();
        Assert.Equal("TITER736", Judge(r => r with { Results = results }, claim => claim with { Defense = "another" }).Findings[0].Code);

        var bundle = Read(r => r with { Results = results }, out var folder);
        File.WriteAllText(Path.Combine(folder, SubmissionBundle.LockName), "{\"name\":\"some\",\"seeds\":[1,1]}");
        Assert.Equal("TITER736", Assert.Single(SubmissionCheck.Judge(bundle, folder).Findings).Code);

        bundle = Read(r => r with { Results = results }, out folder);
        File.WriteAllText(Directory.GetFiles(Path.Combine(folder, "results", "phases"))[0], "[[[[");
        Assert.All(SubmissionCheck.Judge(bundle, folder).Findings, f => Assert.Equal("TITER736", f.Code));
    }

    [Fact]
    public void Cells_are_chosen_by_the_seed_and_by_nothing_that_their_author_can_foresee()
    {
        var judged = Judge(r => r with { Results = Played() });
        string[] Ids(double share, string seed) => [.. SubmissionCheck.Chosen(judged, share, seed).Select(p => p.Id)];

        Assert.Single(Ids(0.01, "a"));
        Assert.Equal(Ids(0.5, "a"), Ids(0.5, "a"));
        var all = Ids(1, "a");
        Assert.Equal(9, all.Length);
        Assert.All(SubmissionCheck.Chosen(judged, 1, "a"), p => Assert.Equal("holds", p.Defense.Label));
        Assert.True(Enumerable.Range(0, 20).Select(i => Ids(0.01, $"{i}")[0]).Distinct().Count() > 3);
    }

    [Fact]
    public void A_cell_that_is_played_again_is_the_same_to_the_last_digit_within_noise_or_another()
    {
        var judged = Judge(r => r with { Results = Played() });
        var cell = SubmissionCheck.Chosen(judged, 1, "a").First(p => p.Exposure == Exposure.InDomain);
        var claimed = judged.Results[cell.Id];
        PhaseResult Own(double harm) =>
            Some.Trajectory(cell, new() { [0] = 0, [8] = 0.1, [16] = harm, [32] = 1 }) with { WeightsHash = claimed.WeightsHash };
        ReplayedCell Compare(PhaseResult own, bool sameWeights = true) => SpotCheck.Compare(cell, claimed, own, sameWeights, 0.2, 0.05);

        Assert.True(Compare(claimed with { WallSeconds = 99, Environment = new PlayEnvironment("r", "l", "o", "d") }).IsExact);
        Assert.Equal((false, true), (Compare(Own(0.88)).IsExact, Compare(Own(0.88)).Agrees));
        Assert.Equal((false, true), (Compare(claimed, sameWeights: false).IsExact, Compare(claimed, sameWeights: false).Agrees));
        Assert.False(Compare(Own(0.5)).Agrees);
        Assert.Equal("TITER737", Assert.Single(SpotCheck.Findings([Compare(Own(0.88)), Compare(Own(0.5))])).Code);
        Assert.False(Compare(cell.Failed(PhaseStatus.Error, "TITER218", "It threw.")).Agrees);
        Assert.False(Compare(Some.Trajectory(cell, new() { [0] = 0, [8] = 0.1 })).Agrees);
    }

    [Fact]
    public void What_cannot_be_played_here_says_why()
    {
        var scenario = Scenario.Open("apothecary");
        using var folder = RunFolder.Open(Path.Combine(_bench.Folder, "spot"));
        var catalog = PluginCatalog.Scan([LeagueBench.Built("plugins", "")]);
        var check = new SpotCheck(null!, catalog, new HashSet<string>(), scenario, folder);
        Entrant Real(string id) => Some.Attack(id) with { ContentHash = catalog.Plugins[id].Manifest.ContentHash };
        var spec = Some.Spec() with { ScenarioHash = scenario.Hash, Defenses = [Real("no_defense")] };
        Phase[] cells = [TournamentPlan.From(spec with { Attacks = [Real("lora_finetune")] }).Phases.First(p => p.Attack is not null)];

        Assert.Null(check.Obstacle(spec, cells, "1", "cpu"));
        Assert.Equal("TITER735", SpotCheck.CannotPlay("it is late").Code);
        Assert.Contains("titer 1", check.Obstacle(spec, cells, "2", "cpu"), StringComparison.Ordinal);
        Assert.Contains("on cpu", check.Obstacle(spec, cells, "1", "cuda:1"), StringComparison.Ordinal);
        Assert.Contains("scenario", check.Obstacle(spec with { ScenarioHash = "x" }, cells, "1", "cpu"), StringComparison.Ordinal);
        Assert.Contains("'finetune'", check.Obstacle(spec, TournamentPlan.From(spec).Phases.Where(p => p.Attack?.Id == "finetune"), "1", "cpu"),
            StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    private JudgedSubmission Judge(Func<SubmissionRequest, SubmissionRequest> with, Func<SubmissionClaim, SubmissionClaim>? lie = null)
    {
        var bundle = Read(with, out var folder);
        // Whoever signs can claim anything: what is signed is what is judged.
        if (lie is not null) bundle = bundle with { Statement = bundle.Statement with { Claim = lie(bundle.Statement.Claim!) } };
        return SubmissionCheck.Judge(bundle, folder);
    }

    private SubmissionBundle Read(Func<SubmissionRequest, SubmissionRequest> with, out string folder) =>
        SubmissionBundle.Read(_bench.HandedIn(_bench.Folder, _bench.Packed(), with: with), folder = Empty(), SubmissionLimits.Default);

    private string Played()
    {
        var hash = Read(r => r, out _).Statement.ContentSha256;
        var results = Empty();
        var spec = Some.Spec("holds", "another");
        spec = spec with
        {
            ScenarioHash = new string('a', 64),
            Defenses = [.. spec.Defenses.Select(d => d.Id == "holds" ? d with { Id = "good_defense", Label = "holds", ContentHash = hash } : d)],
        };
        using var folder = RunFolder.Open(results);
        var store = new ResultStore(folder);
        var curves = new Dictionary<string, Dictionary<int, double>> { ["good_defense"] = new() { [0] = 0, [8] = 0.1, [16] = 0.9, [32] = 1 } };
        foreach (var phase in TournamentPlan.From(spec).Phases)
        {
            var weights = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{phase.Defense.Id} {phase.Seed}")));
            store.Commit(Some.Standard(phase, curves) with { WeightsHash = weights });
        }

        RunRecords.Write(folder, spec);
        return results;
    }

    private string Empty() => Directory.CreateDirectory(Path.Combine(_bench.Folder, $"folder-{_folders++}")).FullName;
}
