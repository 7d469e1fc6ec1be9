using Titer.League.Catalog;
using Titer.League.Standing;
using Titer.Plugins;

namespace Titer.League.Tests;

public sealed class SuccessionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_new_id_is_the_first_generation()
    {
        var outcome = Accept([], "a", "1", "/p/a");

        Assert.Equal([("a", "1", 1, EntryState.Standing)], Short(outcome.Entries!));
        Assert.Null(outcome.Superseded);
    }

    [Fact]
    public void A_newer_build_supersedes_and_an_earlier_one_that_comes_again_stands_again()
    {
        var first = Accept([], "a", "1", "/p/a").Entries!;
        var second = Accept(first, "a", "2", "/p/a").Entries!;
        var again = Accept(second, "a", "1", "/p/a").Entries!;

        Assert.Equal([("a", "2", 2, EntryState.Standing), ("a", "1", 1, EntryState.Superseded)], Short(second));
        Assert.Equal([("a", "1", 3, EntryState.Standing), ("a", "2", 2, EntryState.Superseded)], Short(again));
    }

    [Fact]
    public void A_removed_plugin_keeps_its_entry_and_comes_back_as_what_it_was()
    {
        var entries = Accept([], "a", "1", "/p/a").Entries!;

        var (left, removed) = Succession.Leave(entries, "/p/a", null, Now);
        Assert.Equal([("a", "1", 1, EntryState.Removed)], Short(left));
        Assert.Equal("a", removed!.Id);

        Assert.Equal([("a", "1", 1, EntryState.Standing)], Short(Accept(left, "a", "1", "/p/other").Entries!));
    }

    [Fact]
    public void The_same_build_changes_nothing_whether_here_or_at_a_second_place()
    {
        var entries = Accept([], "a", "1", "/p/a").Entries!;

        Assert.All(["/p/a", "/p/b"], place => Assert.Equal(new SuccessionOutcome(null), Accept(entries, "a", "1", place)));
    }

    [Fact]
    public void An_id_belongs_to_the_folder_that_has_it_until_that_is_gone()
    {
        var entries = Accept([], "a", "1", "/p/a").Entries!;

        Assert.Equal(PluginProblemCode.DuplicateId, Accept(entries, "a", "2", "/p/b").Refusal!.Code);
        Assert.Equal(2, Accept(entries, "a", "2", "/p/b", isThere: false).Accepted!.Generation);
    }

    [Theory]
    [InlineData("1.10.0", null)]
    [InlineData("1.9.0", "TITER682")]
    [InlineData("1.9.0-beta", "TITER682")]
    [InlineData("1.8.0", "TITER682")]
    public void Of_two_packages_the_newer_version_plays(string version, string? code)
    {
        var entries = Accept([], "a", "1", "/p/a.1.9.0.nupkg", version: "1.9.0+commit").Entries!;

        Assert.Equal(code, Accept(entries, "a", "2", "/p/other.nupkg", version: version).Refusal?.Code);
    }

    [Fact]
    public void A_place_that_holds_another_plugin_now_has_lost_the_one_before()
    {
        var entries = Accept(Accept([], "a", "1", "/p/x").Entries!, "b", "2", "/p/x").Entries!;

        var (left, removed) = Succession.Leave(entries, "/p/x", "b", Now);

        Assert.Equal("a", removed!.Id);
        Assert.Equal([("a", "1", 1, EntryState.Removed), ("b", "2", 1, EntryState.Standing)], Short(left));
    }

    private static SuccessionOutcome Accept(IReadOnlyList<LeagueEntry> entries, string id, string hash, string place, bool isThere = true,
        string version = "1.0.0") => Succession.Accept(entries, new PluginManifest
        {
            Id = id, Kind = PluginKind.Defense, EntryType = "T", ApiLevel = 1, AssemblyName = id, Version = version, References = [],
            ContentHash = hash,
        }, place, Now, _ => isThere);

    private static (string, string, int, EntryState)[] Short(IEnumerable<LeagueEntry> entries) =>
        [.. entries.Select(e => (e.Id, e.ContentHash, e.Generation, e.State))];
}
