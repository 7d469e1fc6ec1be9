using System.Text.Json.Nodes;
using Titer.Files;
using Titer.League.Configuration;
using Titer.League.Seasons;
using Titer.Plugins;
using Titer.Plugins.Watching;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.League.Tests;

/// <summary>What a season freezes, and what becomes of a league whose files are others since.</summary>
public sealed class SeasonTests : IDisposable
{
    private const string Yaml = "name: spring\nseeds: [1, 2]\nattacks: [{ id: lora_finetune, set: { rank: 4 } }]\n";
    private readonly LeagueBench _bench = new();

    [Fact]
    public void A_season_freezes_everything_that_can_change_an_answer_under_one_hash()
    {
        var season = _bench.Open(Yaml);

        var json = JsonNode.Parse(File.ReadAllText(_bench.SeasonFile))!;
        var frozen = json["frozen"]!;
        // Of the file itself, whatever the types say.
        Assert.Equal(CanonicalJson.HashOf(frozen), (string)json["sha256"]!);
        Assert.Equal(("spring-1", "spring"), ((string)frozen["season"]!, (string)frozen["league"]!));
        Assert.Equal("[1,2]", frozen["play"]!["seeds"]!.ToJsonString());
        Assert.Equal(["no_weight_modification", "lora_finetune"], frozen["play"]!["attacks"]!.AsArray().Select(a => (string)a!["id"]!));
        Assert.Equal("4", (string)frozen["play"]!["attacks"]![1]!["options"]!["rank"]!);
        Assert.Equal(64, ((string)frozen["play"]!["attacks"]![1]!["content_sha256"]!).Length);
        Assert.Equal(9, frozen["data"]!.AsArray().Select(d => (string)d!["sha256"]!).Distinct().Count());
        Assert.Equal(64, ((string)frozen["subject_sha256"]!).Length);
        Assert.Equal(64, ((string)frozen["judge"]!["sha256"]!).Length);
        Assert.Equal(LeagueBench.HostVersion, (string)frozen["play"]!["host_version"]!);
        Assert.Equal(SeasonCanaries.Ids, season.Frozen.Canaries.Select(c => c.Id));
        Assert.Empty(_bench.Verify(Yaml));
    }

    [Fact]
    public void Two_leagues_with_the_same_files_freeze_the_same_but_for_their_moment()
    {
        using var other = new LeagueBench();

        Assert.Equal(_bench.Open(Yaml).Sha256, other.Open(Yaml).Sha256);
    }

    [Theory]
    [InlineData("seeds: [1, 2]", "seeds: [1, 3]", "TITER719")]
    [InlineData("rank: 4", "rank: 8", "TITER718")]
    [InlineData("seeds: [1, 2]", "seeds: [1, 2]\nbudget: { attack: { steps: 7 } }", "TITER719")]
    [InlineData("name: spring", "name: autumn", "TITER719")]
    [InlineData("seeds: [1, 2]", "seeds: [1, 2]\nmetrics: { harm: refusal_match }", "TITER717")]
    public void A_league_that_is_another_is_named_by_what_differs_and_not_served(string text, string other, string code)
    {
        _bench.Open(Yaml);
        var changed = Yaml.Replace(text, other, StringComparison.Ordinal);

        Assert.Contains(_bench.Verify(changed), f => f.Code == code && f.Text.StartsWith(code, StringComparison.Ordinal));
        var refused = Assert.Throws<FileRefusalException>(() => _bench.Serve(changed));
        Assert.Equal("TITER713", refused.Code);
        Assert.Contains(code, refused.Message, StringComparison.Ordinal);
        _bench.Serve(Yaml).Dispose();
    }

    [Fact]
    public void Another_host_or_device_is_named()
    {
        _bench.Open(Yaml);

        Assert.Equal("TITER716", Assert.Single(_bench.Verify(Yaml, host => host with { Version = "another" })).Code);
        Assert.Equal("TITER716", Assert.Single(_bench.Verify(Yaml, host => host with { Device = "cuda" })).Code);
    }

    [Fact]
    public void A_season_that_was_changed_is_found_out_by_its_hash_and_by_what_is_there()
    {
        var season = _bench.Open(Yaml);
        var other = season with
        {
            Frozen = season.Frozen with
            {
                Data = [season.Frozen.Data[0] with { Rows = 7 }, .. season.Frozen.Data.Skip(1)],
                Canaries = [],
            },
        };
        SeasonFile.Write(_bench.Results, other);

        Assert.Equal(["TITER714", "TITER717", "TITER723"], _bench.Verify(Yaml).Select(f => f.Code));

        File.WriteAllText(_bench.SeasonFile, "{ \"version\": 1, \"frozen\": ");
        Assert.Equal("TITER710", Assert.Throws<FileRefusalException>(() => SeasonFile.Find(_bench.Results)).Code);
        File.WriteAllText(_bench.SeasonFile, SeasonFile.Text(season).Replace("\"frozen\"", "\"more\": 1, \"frozen\"", StringComparison.Ordinal));
        Assert.Equal("TITER710", Assert.Throws<FileRefusalException>(() => SeasonFile.Find(_bench.Results)).Code);
    }

    [Fact]
    public void Seasons_follow_one_another()
    {
        Assert.Equal("TITER711", Refused(() => LeagueSeasons.Demand(_bench.Results)));
        Assert.Equal("TITER725", Refused(() => _bench.Open(Yaml.Replace("lora_finetune", "nobody_has_it", StringComparison.Ordinal)
            .Replace(", set: { rank: 4 }", "", StringComparison.Ordinal))));
        _bench.Open(Yaml);
        Assert.Equal("TITER712", Refused(() => _bench.Open(Yaml)));
        Assert.Equal("TITER726", Refused(() => _bench.Close(Yaml, unfinished: false)));

        var closed = _bench.Close(Yaml);

        Assert.Equal((false, "spring-1"), (closed.IsOpen, closed.Frozen.Season));
        Assert.True(closed.End!.Left > 0);
        Assert.Contains("no_defense", closed.End.Rows);
        // Nothing was played, the canaries neither.
        Assert.Equal("TITER722", Assert.Single(_bench.Verify(Yaml)).Code);
        Assert.Contains("'refuse_everything' was not played", closed.End.Invalid, StringComparison.Ordinal);
        Assert.Equal("TITER711", Refused(() => _bench.Close(Yaml)));
        Assert.Equal("TITER712", Refused(() => _bench.Open(Yaml, "spring-1")));
        Assert.Equal("spring-2", _bench.Open(Yaml).Frozen.Season);
    }

    [Fact]
    public void A_board_that_was_changed_and_a_result_that_does_not_hold_are_found_out()
    {
        _bench.Open(Yaml);
        _bench.Close(Yaml);
        var kept = Path.Combine(SeasonFile.FolderOf(_bench.Results, "spring-1"), "leaderboard.json");
        var board = File.ReadAllText(kept);
        File.WriteAllText(kept, board.Replace("\"rank\": 1,", "\"rank\": 2,", StringComparison.Ordinal));
        Assert.Equal("TITER721", Assert.Single(_bench.Verify(Yaml)).Code);
        File.WriteAllText(kept, board);

        var phase = TournamentPlan.From(_bench.Resolve(Yaml)).Phases[0];
        Directory.CreateDirectory(Path.Combine(_bench.Results, "phases"));
        File.WriteAllText(Path.Combine(_bench.Results, "phases", phase.Id + ".json"), "{ no result");
        Assert.Contains("TITER720", _bench.Verify(Yaml).Select(f => f.Code));
    }

    [Fact]
    public void An_attack_that_is_dropped_waits_for_the_next_season_and_a_defense_does_not()
    {
        _bench.Open(Yaml);
        using var league = _bench.Serve(Yaml);

        Assert.Null(league.Catalog.Take(new Drop(LeagueBench.Built("fixtures", "PickyAttack"), DropKind.Folder, MayBeUnfinished: false)));
        Assert.NotNull(league.Catalog.Take(new Drop(LeagueBench.Built("fixtures", "UnchangedModel"), DropKind.Folder, MayBeUnfinished: false)));

        Assert.Contains("TITER724", Assert.Single(league.Ledger.Document.Refused).Why, StringComparison.Ordinal);
        Assert.Equal(PluginKind.Defense, Assert.Single(league.Ledger.Document.Entries).Kind);
        Assert.Contains("refuse_everything", league.First.Spec.Defenses.Select(d => d.Label));
    }

    [Fact]
    public void Every_row_of_a_season_has_its_hash_and_a_board_of_other_inputs_is_stale()
    {
        var season = _bench.Open(Yaml);
        var spec = Some.Spec("holds");
        season = season with { Frozen = season.Frozen with { Play = SeasonPlay.Of(spec) } };
        var report = Some.Play(spec, p => Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()));

        var marked = SeasonMarks.Mark(report, season);
        Assert.All(marked.Rows, row => Assert.Equal((season.Sha256, null), (row.Season, row.Stale)));
        var document = JsonNode.Parse(TournamentJson.Serialize(LeaderboardDocument.From(marked)))!;
        Assert.All(document["leaderboard"]!.AsArray(), row => Assert.Equal(season.Sha256, (string)row!["season"]!));
        Assert.Equal(season.Sha256, (string)document["season"]!["hash"]!);
        Assert.Contains($"- Season: `{season.Sha256}`", ReportPage.Write(marked), StringComparison.Ordinal);

        var other = SeasonMarks.Mark(report with { Spec = spec with { Seeds = [1, 2, 4] } }, season);
        Assert.All(other.Rows, row => Assert.Null(row.Season));
        Assert.All(other.Rows, row => Assert.StartsWith("TITER715", row.Stale, StringComparison.Ordinal));
        Assert.Contains("seeds[2]", other.Rows[0].Stale, StringComparison.Ordinal);

        // What enters after its end is in no row of it.
        var closed = season with { End = new SeasonEnd(DateTimeOffset.UnixEpoch, ["no_defense"], "", 0, null) };
        Assert.Equal(["no_defense"], SeasonMarks.Mark(report, closed).Rows.Where(r => r.Season is not null).Select(r => r.Defense));
    }

    [Fact]
    public void Rows_of_the_season_before_stand_apart_when_something_is_another()
    {
        _bench.Open(Yaml);
        _bench.Close(Yaml);
        var changed = Yaml.Replace("[1, 2]", "[5]", StringComparison.Ordinal);
        var season = _bench.Open(changed);
        var spec = _bench.Resolve(changed);
        var report = Some.Play(spec, _ => null);

        var marked = SeasonMarks.Mark(report, _bench.Results);

        Assert.Equal(season.Sha256, marked.Season!.Hash);
        Assert.Equal(report.Rows.Select(r => (r.Rank, r.Defense)), marked.Rows.Select(r => (r.Rank, r.Defense)));
        Assert.Equal(marked.Rows.Count, marked.Earlier!.Count);
        Assert.All(marked.Earlier!, row => Assert.Equal("spring-1", row.Season));
        Assert.All(marked.Earlier!, row => Assert.Contains("seeds[0]", row.Stale, StringComparison.Ordinal));
        Assert.Contains("### Stale rows", ReportPage.Write(marked), StringComparison.Ordinal);
        // The same inputs: the phases are the same, and nothing is stale.
        Assert.Null(SeasonMarks.Mark(Some.Play(_bench.Resolve(Yaml), _ => null), _bench.Results).Earlier);
    }

    [Fact]
    public void Rows_of_the_season_before_are_read_once_for_all_boards_and_again_when_they_are_others()
    {
        _bench.Open(Yaml);
        _bench.Close(Yaml);
        var changed = Yaml.Replace("[1, 2]", "[5]", StringComparison.Ordinal);
        _bench.Open(changed);
        var (boards, report) = (new SeasonBoards(_bench.Results), Some.Play(_bench.Resolve(changed), _ => null));
        var kept = new FileInfo(Path.Combine(SeasonFile.FolderOf(_bench.Results, "spring-1"), RunFolder.LeaderboardName));
        var (before, at) = (boards.Mark(report).Earlier!.Count, kept.LastWriteTimeUtc);

        // Another file that nothing tells from the one that was read.
        File.WriteAllText(kept.FullName, new string(' ', (int)kept.Length));
        kept.LastWriteTimeUtc = at;
        Assert.Equal(before, boards.Mark(report).Earlier!.Count);

        kept.LastWriteTimeUtc = at.AddSeconds(1);
        Assert.Null(boards.Mark(report).Earlier);
    }

    public void Dispose() => _bench.Dispose();

    private static string Refused(Action act) => Assert.Throws<FileRefusalException>(act).Code;
}
