using Titer.Plugins;

namespace Titer.Runtime.Tests.Packaging;

public sealed class FolderFeedTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("Made.Up")]
    [InlineData("made.up")]
    [InlineData("made_up")]
    public void The_newest_version_wins_by_number_not_by_text(string id)
    {
        foreach (var version in new[] { "1.9.0", "1.10.0", "1.2.0" }) _bench.PackMade(version);
        _bench.PackGood();
        File.WriteAllText(Path.Combine(_bench.Feed, "Broken.1.0.0.nupkg"), "no package");

        Assert.Equal("1.10.0", _bench.Installer.InstallFrom(_bench.Feed, id).Record?.Version);
    }

    [Fact]
    public void A_prerelease_is_taken_only_by_name_or_where_nothing_is_stable()
    {
        _bench.PackMade("2.0.0-beta.1");
        _bench.PackMade("2.0.0-beta.2");
        Assert.Equal("2.0.0-beta.2", _bench.Installer.InstallFrom(_bench.Feed, "made_up").Record?.Version);

        _bench.PackMade("1.0.0");
        Assert.Equal("1.0.0", _bench.Installer.InstallFrom(_bench.Feed, "made_up").Record?.Version);
        Assert.Equal("2.0.0-beta.1", _bench.Installer.InstallFrom(_bench.Feed, "made_up", "2.0.0-beta.1").Record?.Version);
    }

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("1.0")]
    public void A_version_can_be_named(string version)
    {
        _bench.PackMade("1.0.0");
        _bench.PackMade("2.0.0");

        Assert.Equal("1.0.0", _bench.Installer.InstallFrom(_bench.Feed, "Made.Up", version).Record?.Version);
    }

    [Theory]
    [InlineData("Made.Upp", null, PluginProblemCode.NoSuchPackage, "Did you mean 'Made.Up'?")]
    [InlineData("something_else_entirely", null, PluginProblemCode.NoSuchPackage, "Available: GoodDefense, Made.Up.")]
    [InlineData("made_up", "3.0.0", PluginProblemCode.NoSuchPackage, "Choose one of 1.0.0, 2.0.0.")]
    [InlineData("made_up", "newest", PluginProblemCode.BadPackageVersion, "'newest' is not a NuGet version.")]
    public void What_the_folder_does_not_hold_is_refused_with_what_it_does(string id, string? version, string code, string hint)
    {
        _bench.PackMade("1.0.0");
        _bench.PackMade("2.0.0");
        _bench.PackGood();

        var problem = Assert.Single(_bench.Installer.InstallFrom(_bench.Feed, id, version).Problems);

        Assert.Equal(code, problem.Code);
        Assert.Contains(hint, problem.ToString(), StringComparison.Ordinal);
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public void A_missing_and_an_empty_folder_are_refused()
    {
        Assert.Equal(PluginProblemCode.NoSuchPackage, Assert.Single(_bench.Installer.InstallFrom(_bench.Feed, "made_up").Problems).Code);
        Directory.CreateDirectory(_bench.Feed);
        Assert.Equal(PluginProblemCode.NoSuchPackage, Assert.Single(_bench.Installer.InstallFrom(_bench.Feed, "made_up").Problems).Code);
    }

    [Fact]
    public void An_id_that_two_packages_claim_is_refused_until_the_package_is_named()
    {
        _bench.PackMade("1.0.0");
        _bench.PackMade("9.0.0", assembly: "Other");

        var problem = Assert.Single(_bench.Installer.InstallFrom(_bench.Feed, "made_up").Problems);

        Assert.Equal(PluginProblemCode.NoSuchPackage, problem.Code);
        Assert.Contains("Made.Up, Other", problem.Fact, StringComparison.Ordinal);
        Assert.Equal("1.0.0", _bench.Installer.InstallFrom(_bench.Feed, "Made.Up").Record?.Version);
    }
}
