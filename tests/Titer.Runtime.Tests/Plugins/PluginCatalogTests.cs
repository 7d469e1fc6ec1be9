using Titer.Plugins;

namespace Titer.Runtime.Tests.Plugins;

public sealed class PluginCatalogTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_of_good_and_bad_plugins_gives_the_good_ones_and_a_reason_for_each_bad_one()
    {
        var catalog = PluginCatalog.Scan([FixtureFolder.Root]);

        // What misbehaves when it runs is accepted: nothing ran yet.
        string[] playable = ["exits_process", "good_defense", "leaky_timer", "private_dependency", "throws_in_constructor", "undeclared_data"];
        Assert.Empty(playable.Except(catalog.Plugins.Keys));
        string[] refused = ["api_too_new TITER102", "api_too_old TITER103", "NotAPlugin TITER104", "ships_sdk TITER110",
            "ships_torch_sharp TITER111", "two_entry_types TITER106"];
        Assert.Equal(refused, catalog.Refused.Select(r => $"{r.Name} {r.Problems[0].Code}"));
    }

    [Fact]
    public void A_plugin_folder_may_be_named_directly()
    {
        var plugin = Assert.Single(PluginCatalog.Scan([FixtureFolder.Of("GoodDefense")]).Plugins).Value;
        Assert.Equal(FixtureFolder.Of("GoodDefense"), plugin.Folder);
    }

    [Fact]
    public void A_folder_named_twice_is_read_once() =>
        Assert.Single(PluginCatalog.Scan([FixtureFolder.Of("GoodDefense"), FixtureFolder.Of("GoodDefense") + "/"]).Verdicts);

    [Fact]
    public void A_missing_folder_is_a_problem_and_the_others_are_read()
    {
        var catalog = PluginCatalog.Scan([Path.Combine(_folder.Path, "nowhere"), FixtureFolder.Of("GoodDefense")]);
        Assert.Equal(PluginProblemCode.FolderMissing, Assert.Single(catalog.Refused).Problems[0].Code);
        Assert.Single(catalog.Plugins);
    }

    [Fact]
    public void Duplicates_are_refused_naming_both_folders()
    {
        var (first, second) = (_folder.CopyOf("GoodDefense", "a"), _folder.CopyOf("GoodDefense", "b"));
        var catalog = PluginCatalog.Scan([_folder.Path]);
        Assert.Empty(catalog.Plugins);
        Assert.Equal([first, second], catalog.Refused.Select(r => r.Path));
        Assert.All(catalog.Refused, r =>
        {
            Assert.Equal(PluginProblemCode.DuplicateId, r.Problems[0].Code);
            Assert.Contains($"'{first}' and '{second}'", r.Problems[0].Fact, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(PluginOrigin.Installed, PluginOrigin.CommandLine)]
    [InlineData(PluginOrigin.TournamentFile, PluginOrigin.CommandLine)]
    [InlineData(PluginOrigin.Installed, PluginOrigin.TournamentFile)]
    [InlineData(PluginOrigin.CommandLine, PluginOrigin.Bundled)]
    public void Of_two_with_one_id_the_one_of_the_better_origin_plays_and_the_other_is_said_once(PluginOrigin worse, PluginOrigin better)
    {
        var (hidden, played) = (_folder.CopyOf("GoodDefense", "hidden"), _folder.CopyOf("GoodDefense", "played"));
        foreach (var sources in new PluginSource[][] { [new(hidden, worse), new(played, better)], [new(played, better), new(hidden, worse)] })
        {
            var catalog = PluginCatalog.Scan(sources);
            Assert.Equal(played, Assert.Single(catalog.Plugins).Value.Folder);
            Assert.Empty(catalog.Refused);
            var said = Assert.Single(catalog.Shadowed);
            Assert.Equal(PluginProblemCode.Shadowed, said.Code);
            Assert.Contains($"'{hidden}' is not played: the one in '{played}'", said.Fact, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_refused_build_of_better_origin_does_not_hide_a_good_one()
    {
        var broken = _folder.CopyOf("GoodDefense", "broken");
        File.CreateSymbolicLink(Path.Combine(broken, "x"), "/dev/null");
        var catalog = PluginCatalog.Scan([new PluginSource(broken, PluginOrigin.CommandLine),
            new PluginSource(FixtureFolder.Of("GoodDefense"), PluginOrigin.Installed)]);
        Assert.Single(catalog.Plugins);
        Assert.Single(catalog.Refused);
        Assert.Empty(catalog.Shadowed);
    }
}
