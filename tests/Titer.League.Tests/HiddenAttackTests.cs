using Titer.Files;
using Titer.League.Promises;
using Titer.League.Seasons;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Plugins.Watching;
using Titer.Runtime.Seasons;
using Titer.Tournament;

namespace Titer.League.Tests;

/// <summary>What an operator promises at the opening of a season, and can show at its end to have kept.</summary>
public sealed class HiddenAttackTests : IDisposable
{
    private const string Yaml = "name: spring\nseeds: [1, 2]\nattacks: [lora_finetune]\nsubmissions: { per_author: 5 }\n";
    private const string Id = "picky_attack";
    private readonly LeagueBench _bench = new();

    [Fact]
    public void A_hidden_attack_is_nowhere_in_the_results_until_the_season_is_sealed()
    {
        var package = Packed("PickyAttack");
        var season = Open(package, draw: 2);

        Assert.Equal(["hidden-1", "seeds"], season.Frozen.Promised.Select(p => p.Label));
        foreach (var file in Directory.GetFiles(_bench.Results, "*", SearchOption.AllDirectories)
            .Where(f => !f.Contains("plugins", StringComparison.Ordinal)))
            Assert.DoesNotContain(Id, File.ReadAllText(file), StringComparison.Ordinal);
        using (var league = _bench.Serve(Yaml))
        {
            Assert.DoesNotContain(Id, league.First.Spec.Attacks.Select(a => a.Id));
            Assert.Equal([1, 2], league.First.Spec.Seeds);
        }

        // The same attack in another season is another promise.
        Assert.NotEqual(season.Frozen.Promised[0].Sha256, new SeasonReveal("hidden-1", Id, "", "", "", "").Commit("spring-1").Sha256);
        Assert.Empty(_bench.Verify(Yaml));
        Assert.Equal("TITER726", Refused(() => _bench.Close(Yaml, unfinished: false)));
    }

    [Fact]
    public void Seeds_are_drawn_when_submissions_are_over_of_secrets_and_entries_together()
    {
        Open(Packed("PickyAttack"), draw: 2);
        using (var league = _bench.Serve(Yaml)) Drop(league, "UnchangedModel");

        var season = LeagueSeasons.Seal(_bench.Read(Yaml), _bench.Host);

        Assert.Equal(2, season.Seal!.Seeds.Distinct().Except([1, 2]).Count());
        Assert.StartsWith("unchanged_model ", Assert.Single(season.Seal.Entries), StringComparison.Ordinal);
        var secrets = SeasonSecrets.Read(_bench.Read(Yaml), season).Reveals;
        Assert.Equal(season.Seal.Seeds, SeasonSeal.Draw(secrets, season.Seal.Entries, 2, [1, 2]));
        Assert.NotEqual(season.Seal.Seeds, SeasonSeal.Draw(secrets, [], 2, [1, 2]));
        Assert.NotEqual(season.Seal.Seeds, SeasonSeal.Draw(secrets.Take(1), season.Seal.Entries, 2, [1, 2]));
        Assert.Equal("TITER711", Refused(() => LeagueSeasons.Seal(_bench.Read(Yaml), _bench.Host)));
    }

    [Fact]
    public void A_sealed_season_takes_nothing_in_and_plays_what_was_hidden_on_its_seeds_too()
    {
        Open(Packed("PickyAttack"), draw: 1);
        using (var league = _bench.Serve(Yaml)) Drop(league, "UnchangedModel");
        var season = LeagueSeasons.Seal(_bench.Read(Yaml), _bench.Host);

        using var sealedLeague = _bench.Serve(Yaml);
        var spec = sealedLeague.First.Spec;

        Assert.Equal([1, 2, season.Seal!.Seeds[0]], spec.Seeds);
        Assert.Equal([AttackClass.Known, AttackClass.Known, AttackClass.Hidden], AttackFamily.Of(spec.Attacks).Select(f => f.Class));
        Assert.Null(Drop(sealedLeague, "GoodDefense"));
        Assert.Contains("TITER709", Assert.Single(sealedLeague.Ledger.Document.Refused).Why, StringComparison.Ordinal);
        Assert.Null(Drop(sealedLeague, "UnchangedModel"));
        Assert.Single(sealedLeague.Ledger.Document.Refused);
        // Its rows are of the season, which froze neither.
        var report = SeasonMarks.Mark(Tournament.Tests.Some.Play(spec, _ => null), _bench.Results);
        Assert.All(report.Rows, row => Assert.Equal((season.Sha256, null), (row.Season, row.Stale)));
        Assert.Contains("| defense | known | hidden | adaptive |", ReportPage.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void The_close_reveals_what_was_promised_and_anybody_can_check_it()
    {
        Open(Packed("PickyAttack"), draw: 2);
        LeagueSeasons.Seal(_bench.Read(Yaml), _bench.Host);

        var closed = _bench.Close(Yaml);

        var revealed = closed.Revealed!;
        Assert.Equal((Id, 64), (revealed[0].Id, revealed[0].ContentSha256.Length));
        Assert.Equal(closed.Frozen.Promised, revealed.Select(r => r.Commit("spring-1")));
        Assert.Equal(["TITER722"], _bench.Verify(Yaml).Select(f => f.Code));

        SeasonFile.Write(_bench.Results, closed with { Revealed = [revealed[0] with { Id = "another" }, revealed[1]] });
        Assert.Contains("TITER738", _bench.Verify(Yaml).Select(f => f.Code));
        SeasonFile.Write(_bench.Results, closed with { Seal = closed.Seal! with { Seeds = [3, 4] } });
        Assert.Contains("TITER738", _bench.Verify(Yaml).Select(f => f.Code));
    }

    [Fact]
    public void A_hidden_attack_that_was_exchanged_is_played_by_nobody()
    {
        var season = Open(Packed("PickyAttack"), draw: 0);
        var secrets = Path.Combine(_bench.Folder, SeasonSecrets.FolderName);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(secrets, "spring-1.json")));
        LeagueSeasons.Seal(_bench.Read(Yaml), _bench.Host);

        File.Copy(Packed("WritesDownAttack"), Path.Combine(secrets, "spring-1", "hidden-1.nupkg"), overwrite: true);
        Assert.Equal("TITER738", Refused(() => _bench.Serve(Yaml)));
        Directory.Delete(secrets, recursive: true);
        Assert.Equal("TITER738", Refused(() => _bench.Close(Yaml)));
        Assert.Single(season.Frozen.Promised);
    }

    [Fact]
    public void Only_an_attack_that_is_not_there_yet_can_be_hidden()
    {
        Assert.Equal("TITER739", Refused(() => Open(Packed("UnchangedModel"), draw: 0)));
        Assert.Equal("TITER739",
            Refused(() => LeagueSeasons.Open(_bench.Read(Yaml), _bench.Host, null, [Packed("PickyAttack"), Packed("PickyAttack")])));
    }

    [Fact]
    public void The_id_of_a_hidden_attack_is_nobody_elses_before_the_season_and_in_it()
    {
        using (var league = _bench.Serve(Yaml)) Drop(league, "PickyAttack");
        Assert.Equal("TITER739", Refused(() => Open(Packed("PickyAttack"), draw: 0)));
        Directory.Delete(_bench.Results, recursive: true);
        Open(Packed("PickyAttack"), draw: 0);

        using var open = _bench.Serve(Yaml);

        Assert.Null(Drop(open, "PickyAttack"));
        var refused = Assert.Single(open.Ledger.Document.Refused).Why;
        Assert.StartsWith("TITER740 ", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", refused, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    private SeasonDocument Open(string package, int draw) => LeagueSeasons.Open(_bench.Read(Yaml), _bench.Host, null, [package], draw);

    private string Packed(string fixture)
    {
        var packed = new PluginPackage(new PluginGate()).Pack(LeagueBench.Built("fixtures", fixture), Path.Combine(_bench.Folder, "packages"));
        Assert.True(packed.File is not null, string.Join('\n', packed.Problems));
        return packed.File;
    }

    private static Runtime.Configuration.ResolvedTournament? Drop(OpenLeague league, string fixture) =>
        league.Catalog.Take(new Drop(LeagueBench.Built("fixtures", fixture), DropKind.Folder, MayBeUnfinished: false));

    private static string Refused(Action act) => Assert.Throws<FileRefusalException>(act).Code;
}
