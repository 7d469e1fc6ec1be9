using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Runtime.Tests.Plugins;

namespace Titer.Runtime.Tests.Packaging;

public sealed class PluginInstallerTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void What_is_packed_and_installed_has_the_same_content_hash_and_is_found()
    {
        var package = _bench.PackGood();

        var outcome = _bench.Installer.Install(package);

        Assert.Empty(outcome.Problems);
        Assert.Equal(ContentHash.OfFolder(FixtureFolder.Of("GoodDefense")), ContentHash.OfFolder(_bench.PluginFolder("good_defense")));
        Assert.Equal("good_defense", Assert.Single(PluginCatalog.Scan([_bench.Home.PluginsFolder]).Plugins).Key);
        Assert.False(Directory.Exists(_bench.Home.StagingFolder));
    }

    [Fact]
    public void The_ledger_says_what_was_installed_from_where_and_when()
    {
        var package = _bench.PackGood();

        var record = _bench.Installer.Install(package).Record!;

        Assert.Equal(record, Assert.Single(InstallLedger.Read(_bench.Home).Records));
        Assert.Equal(("good_defense", "0.1.0", package), (record.Id, record.Version, record.SourceFile));
        Assert.Equal(ContentHash.OfFolder(_bench.PluginFolder("good_defense")), record.ContentHash);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(package))), record.PackageSha256);
        Assert.Equal(PackageBench.FixedTime.Now, record.InstalledAt);
    }

    [Fact]
    public void Installing_again_replaces_the_plugin_and_its_record()
    {
        _bench.Installer.Install(_bench.PackMade("1.0.0"));
        File.WriteAllText(Path.Combine(_bench.PluginFolder("made_up"), "stray.txt"), "of the old one");

        var outcome = _bench.Installer.Install(_bench.PackMade("2.0.0"));

        Assert.Equal(("2.0.0", "1.0.0"), (outcome.Record!.Version, outcome.Previous!.Version));
        Assert.Equal("2.0.0", PackageBench.Gate.Inspect(_bench.PluginFolder("made_up")).Plugin!.Manifest.Version);
        Assert.False(File.Exists(Path.Combine(_bench.PluginFolder("made_up"), "stray.txt")));
        Assert.Equal("2.0.0", Assert.Single(InstallLedger.Read(_bench.Home).Records).Version);
    }

    [Fact]
    public void A_refused_package_keeps_the_installed_one()
    {
        _bench.Installer.Install(_bench.PackMade("1.0.0"));
        var second = _bench.PackMade("2.0.0");
        PackageBench.Put(second, "titer/extra.txt", [1]);

        Assert.Equal(PluginProblemCode.PackageMismatch, _bench.Refused(second).Code);
    }

    [Fact]
    public void When_the_ledger_cannot_be_written_the_old_plugin_is_put_back()
    {
        _bench.Installer.Install(_bench.PackMade("1.0.0"));
        File.Delete(_bench.Home.InstalledFile);
        Directory.CreateDirectory(_bench.Home.InstalledFile);

        Assert.Equal(PluginProblemCode.CannotWrite, _bench.Refused(_bench.PackMade("2.0.0")).Code);
        Assert.Equal("1.0.0", PackageBench.Gate.Inspect(_bench.PluginFolder("made_up")).Plugin!.Manifest.Version);
        Assert.Equal(PluginProblemCode.CannotWrite, _bench.Refused(_bench.PackGood()).Code);
        Assert.Equal(PluginProblemCode.CannotWrite, Assert.Single(_bench.Installer.Remove("made_up").Problems).Code);
        Assert.True(Directory.Exists(_bench.PluginFolder("made_up")));
    }

    [Fact]
    public void A_damaged_ledger_is_a_refusal()
    {
        _bench.Installer.Install(_bench.PackMade("1.0.0"));
        File.WriteAllText(_bench.Home.InstalledFile, "{");

        var problem = _bench.Refused(_bench.PackMade("2.0.0"));

        Assert.Equal(PluginProblemCode.CannotWrite, problem.Code);
        Assert.Contains("installed.json' is damaged", problem.Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_installations_at_a_time_are_refused()
    {
        var package = _bench.PackGood();
        using (HomeStaging.Open(_bench.Home))
            Assert.Equal(PluginProblemCode.CannotWrite, Assert.Single(_bench.Installer.Install(package).Problems).Code);

        Assert.NotNull(_bench.Installer.Install(package).Record);
    }

    [Fact]
    public void A_plugin_whose_replacement_was_cut_short_comes_back()
    {
        _bench.Installer.Install(_bench.PackMade("1.0.0"));
        var aside = Directory.CreateDirectory(Path.Combine(_bench.Home.StagingFolder, "killed", "replaced")).FullName;
        Directory.Move(_bench.PluginFolder("made_up"), Path.Combine(aside, "made_up"));

        _bench.Installer.Install(_bench.PackGood());

        Assert.True(PackageBench.Gate.Inspect(_bench.PluginFolder("made_up")).IsAccepted);
        Assert.False(Directory.Exists(_bench.Home.StagingFolder));
    }

    [Fact]
    public void An_id_that_comes_with_the_host_is_refused()
    {
        var installer = new PluginInstaller(_bench.Home, PackageBench.Gate, ["good_defense"]);

        Assert.Equal(PluginProblemCode.DuplicateId, Assert.Single(installer.Install(_bench.PackGood()).Problems).Code);
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public void Removing_takes_the_folder_and_the_record()
    {
        _bench.Installer.Install(_bench.PackGood());
        _bench.Installer.Install(_bench.PackMade("1.0.0"));

        var outcome = _bench.Installer.Remove("good_defense");

        Assert.Equal("0.1.0", outcome.Record!.Version);
        Assert.Equal([_bench.PluginFolder("made_up")], Directory.GetDirectories(_bench.Home.PluginsFolder));
        Assert.Equal("made_up", Assert.Single(InstallLedger.Read(_bench.Home).Records).Id);
        Assert.False(Directory.Exists(_bench.Home.StagingFolder));
    }

    [Theory]
    [InlineData("good_defence", "Did you mean 'good_defense'?")]
    [InlineData("../plugins/good_defense", "Installed: good_defense.")]
    [InlineData("", "Installed: good_defense.")]
    public void Removing_what_is_not_installed_is_refused(string id, string hint)
    {
        _bench.Installer.Install(_bench.PackGood());

        var problem = Assert.Single(_bench.Installer.Remove(id).Problems);

        Assert.Equal(PluginProblemCode.NotInstalled, problem.Code);
        Assert.Contains(hint, problem.ToString(), StringComparison.Ordinal);
        Assert.True(Directory.Exists(_bench.PluginFolder("good_defense")));
    }

    [Fact]
    public void Removing_from_a_home_that_does_not_exist_makes_none()
    {
        Assert.Equal(PluginProblemCode.NotInstalled, Assert.Single(_bench.Installer.Remove("good_defense").Problems).Code);
        Assert.False(Directory.Exists(_bench.Home.Path));
    }
}
