using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using NuGet.Packaging;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Runtime.Tests.Plugins;

namespace Titer.Runtime.Tests.Packaging;

public sealed class PluginPackageTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_package_is_a_NuGet_package_that_any_client_reads()
    {
        using var reader = new PackageArchiveReader(_bench.PackGood());

        Assert.Equal(("GoodDefense", "0.1.0"), (reader.GetIdentity().Id, reader.GetIdentity().Version.ToNormalizedString()));
        Assert.Equal("TiterPlugin", Assert.Single(reader.GetPackageTypes()).Name);
        Assert.Equal("Scales every weight by one factor.", reader.NuspecReader.GetDescription());
        Assert.Contains("titer/GoodDefense.dll", reader.GetFiles());
    }

    [Fact]
    public void The_manifest_has_the_facts_of_the_plugin_in_snake_case()
    {
        var manifest = JsonNode.Parse(PackageBench.Bytes(_bench.PackGood(), "titer-plugin.json"))!;
        var facts = PackageBench.Gate.Inspect(FixtureFolder.Of("GoodDefense")).Plugin!.Manifest;

        Assert.Equal((1, "good_defense", "defense"), ((int)manifest["format_version"]!, (string)manifest["id"]!, (string)manifest["kind"]!));
        Assert.Equal(("0.1.0", 1, facts.ContentHash),
            ((string)manifest["package_version"]!, (int)manifest["api_level"]!, (string)manifest["content_hash"]!));
        Assert.Equal((facts.Summary, "none", facts.TargetFramework),
            ((string)manifest["summary"]!, (string)manifest["paper"]!, (string)manifest["target_framework"]!));
        var dll = manifest["files"]!.AsArray().Single(f => (string)f!["path"]! == "GoodDefense.dll")!;
        Assert.Equal(new FileInfo(Path.Combine(FixtureFolder.Of("GoodDefense"), "GoodDefense.dll")).Length, (long)dll["length"]!);
        Assert.Equal(64, ((string)dll["sha256"]!).Length);
    }

    [Fact]
    public void Symbols_are_left_out_and_subfolders_are_kept()
    {
        var plugin = _bench.Folder.CopyOf("GoodDefense", "plugin");
        File.WriteAllText(Path.Combine(plugin, "Another.PDB"), "symbols");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(plugin, "data", "a b")).FullName, "ä +100%.txt"), "odd name");

        var package = _bench.Pack(plugin);

        using (var archive = ZipFile.OpenRead(package)) Assert.DoesNotContain(archive.Entries,
            e => e.FullName.EndsWith(".pdb", StringComparison.OrdinalIgnoreCase));
        Assert.NotNull(_bench.Installer.Install(package).Record);
        Assert.Equal("odd name", File.ReadAllText(Path.Combine(_bench.PluginFolder("good_defense"), "data", "a b", "ä +100%.txt")));
    }

    [Fact]
    public void The_same_folder_gives_the_same_bytes_wherever_and_whenever_it_lies()
    {
        var first = File.ReadAllBytes(_bench.PackGood());
        var copy = _bench.Folder.CopyOf("GoodDefense", "copy");
        foreach (var file in Directory.GetFiles(copy)) File.SetLastWriteTimeUtc(file, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));

        Assert.Equal(first, File.ReadAllBytes(_bench.Pack(copy)));
    }

    [Fact]
    public void The_version_is_the_informational_one_without_build_metadata() =>
        Assert.Equal("Made.Up.2.0.0-beta.1.nupkg", Path.GetFileName(_bench.PackMade("2.0.0-beta.1+0123abc")));

    [Fact]
    public void A_version_that_NuGet_does_not_know_is_refused()
    {
        var outcome = new PluginPackage(PackageBench.Gate).Pack(_bench.Compile("tomorrow"), _bench.Feed);

        Assert.Equal((null, PluginProblemCode.BadPackageVersion), (outcome.File, Assert.Single(outcome.Problems).Code));
        Assert.False(Directory.Exists(_bench.Feed));
    }

    [Fact]
    public void A_plugin_that_the_gate_refuses_is_not_packed()
    {
        var outcome = new PluginPackage(PackageBench.Gate).Pack(FixtureFolder.Of("ShipsSdk"), _bench.Feed);

        Assert.Equal((null, PluginProblemCode.SdkCopied), (outcome.File, outcome.Problems[0].Code));
        Assert.False(Directory.Exists(_bench.Feed));
    }

    [Fact]
    public void A_name_that_cannot_be_a_packages_is_refused()
    {
        var outcome = new PluginPackage(PackageBench.Gate).Pack(_bench.Compile("1.0.0", assembly: "Made Up"), _bench.Feed);

        Assert.Equal((null, PluginProblemCode.NotPackable), (outcome.File, Assert.Single(outcome.Problems).Code));
        Assert.Empty(Directory.GetFiles(_bench.Feed));
    }

    [Theory]
    [InlineData("a%20b.txt")]
    [InlineData("a\\b.txt")]
    [InlineData("a:b.txt")]
    public void A_file_whose_name_would_change_on_the_way_is_refused(string name)
    {
        var plugin = _bench.Folder.CopyOf("GoodDefense", "plugin");
        File.WriteAllText(Path.Combine(plugin, name), "");

        Assert.Equal(PluginProblemCode.NotPackable, Assert.Single(new PluginPackage(PackageBench.Gate).Pack(plugin, _bench.Feed).Problems).Code);
    }

    [Fact]
    public void An_output_folder_that_cannot_be_made_is_refused()
    {
        var file = Path.Combine(_bench.Folder.Path, "file");
        File.WriteAllText(file, "");

        var outcome = new PluginPackage(PackageBench.Gate).Pack(FixtureFolder.Of("GoodDefense"), Path.Combine(file, "feed"));

        Assert.Equal((null, PluginProblemCode.CannotWrite), (outcome.File, Assert.Single(outcome.Problems).Code));
    }

    [Theory]
    [InlineData("[]", "no JSON object")]
    [InlineData("{", "cannot be read")]
    [InlineData("{}", "no format_version")]
    [InlineData("""{"format_version":2}""", "format 2")]
    [InlineData("""{"format_version":1}""", "cannot be read")]
    [InlineData("""{"format_version":1,"id":null,"kind":"defense","package_version":"1","api_level":1,"content_hash":"","files":[]}""",
        "cannot be read")]
    [InlineData("""{"format_version":1,"id":"a","kind":"defense","package_version":"1","api_level":1,"content_hash":"","files":[null]}""",
        "empty file entry")]
    public void A_manifest_that_says_too_little_gives_a_reason(string json, string reason)
    {
        var (manifest, said) = PluginPackageManifest.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Null(manifest);
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }
}
