using Titer.Files;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Plugins.Trust;
using Titer.Plugins.Watching;
using Titer.Runtime.Submissions;
using Titer.Tournament;

namespace Titer.League.Tests;

/// <summary>Whose submissions a league takes, and what becomes of them.</summary>
public sealed class SubmissionDeskTests : IDisposable
{
    private const string Yaml = "name: spring\nseeds: [1]\nattacks: []\nsubmissions: { per_author: 2, megabytes: 8 }\n";
    private readonly LeagueBench _bench = new();
    private readonly AuthorBench _authors = new();

    private string Inbox => Directory.CreateDirectory(Path.Combine(_bench.Folder, "submissions")).FullName;

    [Fact]
    public void A_submission_is_a_row_that_says_who_handed_it_in_and_what_they_said()
    {
        _bench.Open(Yaml);
        using var league = _bench.Serve(Yaml);
        Assert.Contains(Inbox, league.File.WatchedFolders);

        var resolved = Take(league, _authors.HandedIn(Inbox, _authors.Packed()));

        var handedIn = resolved!.Spec.Defenses.Single(d => d.Id == "good_defense").Submission!;
        Assert.Equal(("spring-1", 1, true, "a page of mine", null),
            (handedIn.Season, handedIn.Variants, handedIn.TunedOnTheseAttacks, handedIn.DataUsed, handedIn.Author));
        Assert.True(File.Exists(Path.Combine(_bench.Results, "submissions", handedIn.Bundle + ".titer-submission")));
        Assert.Equal(handedIn, Assert.Single(league.Ledger.Document.Entries).Submission);
        var report = Tournament.Tests.Some.Play(resolved.Spec, _ => null);
        Assert.Contains($"handed in by {handedIn.Key}, variant 1", ReportPage.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void What_its_authors_results_are_worth_stands_on_the_row_once_somebody_has_verified_them()
    {
        using var league = _bench.Serve(Yaml);
        var spec = Take(league, _authors.HandedIn(Inbox, _authors.Packed()))!.Spec;
        var bundle = spec.Defenses.Single(d => d.Submission is not null).Submission!.Bundle;
        string? Standing() => SubmissionVerdict.On(spec, _bench.Results).Defenses.Single(d => d.Submission is not null).Submission!.Standing;
        SubmissionVerdict Verdict(SubmissionStanding standing) => new(bundle, standing, DateTimeOffset.UnixEpoch, "7", 3, 3, []);
        Assert.Null(Standing());

        Verdict(SubmissionStanding.Consistent).Keep(_bench.Results);
        Assert.Equal("consistent", Standing());
        Verdict(SubmissionStanding.Reproduced).Keep(_bench.Results);
        Assert.Equal("reproduced", Standing());
        Assert.Contains("reproduced", SubmissionVerdict.On(spec, _bench.Results).Defenses[^1].Submission!.Text, StringComparison.Ordinal);

        // One that is of another bundle, or damaged, is none.
        var file = Path.Combine(_bench.Results, "submissions", bundle + ".verdict.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace(bundle, new string('0', 64), StringComparison.Ordinal));
        Assert.Null(Standing());
        File.WriteAllText(file, "{");
        Assert.Null(Standing());
        var stranger = Verdict(SubmissionStanding.Reproduced) with { Bundle = new string('1', 64) };
        Assert.Equal("TITER741", Assert.Throws<FileRefusalException>(() => stranger.Keep(_bench.Results)).Code);
    }

    [Fact]
    public void Its_author_supersedes_it_as_often_as_their_share_allows_and_takes_nothing_back()
    {
        _bench.Open(Yaml);
        using var league = _bench.Serve(Yaml);
        var first = _authors.HandedIn(Inbox, _authors.Packed());
        Take(league, first);
        Take(league, _authors.HandedIn(Inbox, _authors.Packed(note: "better")));

        Assert.Null(Take(league, _authors.HandedIn(Inbox, _authors.Packed(note: "best"))));
        Assert.Contains("TITER730", Assert.Single(league.Ledger.Document.Refused).Why, StringComparison.Ordinal);
        File.Delete(first);
        Assert.Null(league.Catalog.Take(new Drop(first, DropKind.Gone, MayBeUnfinished: false)));

        Assert.Equal([(EntryState.Standing, 2), (EntryState.Superseded, 2)],
            league.Ledger.Document.Entries.Select(e => (e.State, e.Submission!.Variants)));
        // Its share is of a season.
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_bench.Results, "submissions")).Length);
    }

    [Fact]
    public void Nobody_takes_the_place_of_somebody_elses_plugin()
    {
        using var league = _bench.Serve(Yaml);
        Take(league, _authors.HandedIn(Inbox, _authors.Packed()));

        Assert.Null(Take(league, _authors.HandedIn(Inbox, _authors.Packed(note: "mine"), "mallory")));
        Assert.Contains("TITER706", Assert.Single(league.Ledger.Document.Refused).Why, StringComparison.Ordinal);

        Assert.NotNull(league.Catalog.Take(new Drop(LeagueBench.Built("fixtures", "UnchangedModel"), DropKind.Folder, MayBeUnfinished: false)));
        Assert.Null(Take(league, _authors.HandedIn(Inbox, _authors.Packed("UnchangedModel", "mine"))));
        Assert.Equal(2, league.Ledger.Document.Refused.Count(r => r.Why.StartsWith("TITER706", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_league_without_an_inbox_takes_none_and_a_damaged_one_is_a_line()
    {
        using var league = _bench.Serve(Yaml.Replace("submissions: { per_author: 2, megabytes: 8 }\n", "", StringComparison.Ordinal));
        Assert.Null(Take(league, _authors.HandedIn(Inbox, _authors.Packed())));
        Assert.Contains("TITER731", Assert.Single(league.Ledger.Document.Refused).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_upload_is_held_against_the_same_rules_before_it_is_laid_into_the_inbox()
    {
        using var league = _bench.Serve(Yaml);
        var upload = _authors.HandedIn(_authors.Folder, _authors.Packed());

        var (sha256, refusal) = league.Inbox!.Take(upload);

        Assert.Null(refusal);
        Assert.NotNull(Take(league, Path.Combine(Inbox, sha256 + ".titer-submission")));
        var other = _authors.HandedIn(_authors.Folder, _authors.Packed(note: "mine"), "mallory");
        Assert.StartsWith("TITER706 ", league.Inbox.Take(other).Refusal, StringComparison.Ordinal);
        File.WriteAllText(other, "titer submission 1\n5\n");
        Assert.StartsWith("TITER728 ", league.Inbox.Take(other).Refusal, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Inbox));
    }

    [Fact]
    public void The_same_build_with_other_options_is_another_build_to_be_packed()
    {
        var mark = new EntrantSubmission { Key = "k", Bundle = "b", DataUsed = "none", Options = new Dictionary<string, string> { ["rate"] = "1" } };
        var entry = new LeagueEntry
        {
            Id = "a", Kind = PluginKind.Defense, ContentHash = "1", Version = "1", Generation = 1, Place = "/a", State = EntryState.Standing,
            Since = DateTimeOffset.UnixEpoch, Submission = mark,
        };
        using var inspected =
            Catalog.InspectedDrop.Of(new Drop(LeagueBench.Built("fixtures", "GoodDefense"), DropKind.Folder, false), new PluginGate());
        var plugin = inspected.Verdict.Plugin!.Manifest;
        entry = entry with { Id = plugin.Id, ContentHash = plugin.ContentHash };

        Assert.Null(Submissions.SubmissionRules.Refusal([entry], plugin, mark, 1));
        Assert.Equal("TITER707", Submissions.SubmissionRules.Refusal([entry], plugin, mark with { Options = null }, 1)?.Code);
    }

    [Fact]
    public void The_author_is_who_the_signers_file_says()
    {
        var signers = Path.Combine(_authors.Folder, "signers");
        var key = string.Join(' ', File.ReadAllText(_authors.Key("alice") + ".pub").Split(' ').Take(2));
        File.WriteAllText(signers, $"alice@example.org namespaces=\"titer,titer-submission\" {key}\n");
        var policy = new PluginPolicy { File = "p", Sha256 = new string('0', 64), Signers = signers, AcceptsOthers = true };
        using var league = OpenLeague.Open(_bench.Read(Yaml), _bench.Host with { Policy = policy });

        Take(league, _authors.HandedIn(Inbox, _authors.Packed()));

        Assert.Equal("alice@example.org", Assert.Single(league.Ledger.Document.Entries).Submission!.Author);
    }

    public void Dispose()
    {
        _bench.Dispose();
        _authors.Dispose();
    }

    private static Runtime.Configuration.ResolvedTournament? Take(OpenLeague league, string bundle) =>
        league.Catalog.Take(new Drop(bundle, DropKind.Submission, MayBeUnfinished: false));
}
