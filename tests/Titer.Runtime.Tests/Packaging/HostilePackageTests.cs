using System.Buffers.Binary;
using System.Text;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Tests.Plugins;

namespace Titer.Runtime.Tests.Packaging;

/// <summary>Packages that were damaged, forged, or are none. Each leaves the home folder as it was.</summary>
public sealed class HostilePackageTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("../evil.txt")]
    [InlineData("titer/../../evil.txt")]
    [InlineData("titer/%2e%2e/%2e%2e/evil.txt")]
    [InlineData("/tmp/evil.txt")]
    [InlineData("titer//evil.txt")]
    [InlineData("titer/..\\evil.txt")]
    [InlineData("C:/evil.txt")]
    public void A_path_that_leads_out_of_the_folder_is_refused(string path)
    {
        var package = _bench.PackGood();
        PackageBench.Put(package, path, [1]);

        Assert.Equal(PluginProblemCode.PackagePathEscapes, _bench.Refused(package).Code);
        Assert.Empty(Directory.GetFiles(_bench.Folder.Path, "evil.txt", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_changed_file_is_refused_even_at_the_same_length()
    {
        var package = _bench.PackGood();
        var dll = PackageBench.Bytes(package, "titer/GoodDefense.dll");
        dll[^1] ^= 1;
        PackageBench.Put(package, "titer/GoodDefense.dll", dll);

        var problem = _bench.Refused(package);

        Assert.Equal(PluginProblemCode.PackageMismatch, problem.Code);
        Assert.Contains("SHA-256 for 'GoodDefense.dll'", problem.Fact, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("titer/extra.txt")]
    [InlineData("titer/GoodDefense.pdb")]
    [InlineData("titer/sub/extra.dll")]
    public void A_file_that_the_manifest_does_not_name_is_refused(string path)
    {
        var package = _bench.PackGood();
        PackageBench.Put(package, path, [1]);

        Assert.Equal(PluginProblemCode.PackageMismatch, _bench.Refused(package).Code);
    }

    [Fact]
    public void A_file_that_is_there_twice_is_refused()
    {
        var package = _bench.PackGood();
        PackageBench.Change(package, archive => archive.CreateEntry("titer/GoodDefense.dll"));

        Assert.Equal(PluginProblemCode.PackageMismatch, _bench.Refused(package).Code);
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        var package = _bench.PackGood();
        PackageBench.Change(package, archive => archive.GetEntry("titer/GoodDefense.deps.json")!.Delete());

        Assert.Equal(PluginProblemCode.PackageMismatch, _bench.Refused(package).Code);
    }

    [Theory]
    [InlineData("titer-plugin.json")]
    [InlineData("GoodDefense.nuspec")]
    public void A_package_without_its_manifest_is_no_plugin(string file)
    {
        var package = _bench.PackGood();
        PackageBench.Change(package, archive => archive.GetEntry(file)!.Delete());

        Assert.Equal(PluginProblemCode.NotAPluginPackage, _bench.Refused(package).Code);
    }

    [Fact]
    public void A_package_of_another_type_is_no_plugin()
    {
        var package = _bench.PackGood();
        ChangeNuspec(package, "name=\"TiterPlugin\"", "name=\"DotnetTool\"");

        Assert.Equal(PluginProblemCode.NotAPluginPackage, _bench.Refused(package).Code);
    }

    [Fact]
    public void A_manifest_of_a_later_format_is_refused()
    {
        var package = _bench.PackGood();
        PackageBench.ChangeManifest(package, manifest => manifest["format_version"] = 2);

        var problem = _bench.Refused(package);

        Assert.Equal(PluginProblemCode.NotAPluginPackage, problem.Code);
        Assert.Contains("format 2; this host reads 1", problem.Fact, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id", "another_defense")]
    [InlineData("id", "../../evil")]
    [InlineData("kind", "attack")]
    [InlineData("package_version", "9.0.0")]
    [InlineData("content_hash", "0000")]
    public void A_manifest_that_says_something_else_than_the_plugin_is_refused(string key, string value)
    {
        var package = _bench.PackGood();
        PackageBench.ChangeManifest(package, manifest => manifest[key] = value);

        Assert.Equal(PluginProblemCode.PackageMismatch, _bench.Refused(package).Code);
    }

    [Theory]
    [InlineData("<id>GoodDefense</id>", "<id>Famous.Defense</id>")]
    [InlineData("<version>0.1.0</version>", "<version>9.0.0</version>")]
    public void A_package_with_another_name_or_version_than_its_plugin_is_refused(string was, string becomes)
    {
        var package = _bench.PackGood();
        ChangeNuspec(package, was, becomes);
        PackageBench.ChangeManifest(package,
            manifest => manifest["package_version"] = becomes.Contains("9.0.0", StringComparison.Ordinal) ? "9.0.0" : "0.1.0");

        Assert.Equal(PluginProblemCode.PackageMismatch, _bench.Refused(package).Code);
    }

    [Fact]
    public void A_version_that_is_none_makes_the_package_unreadable()
    {
        var package = _bench.PackGood();
        ChangeNuspec(package, "<version>0.1.0</version>", "<version>soon</version>");

        Assert.Equal(PluginProblemCode.PackageUnreadable, _bench.Refused(package).Code);
    }

    [Fact]
    public void A_plugin_that_the_gate_refuses_is_not_installed()
    {
        var package = _bench.PackGood();
        var sdk = new byte[] { 1, 2, 3 };
        PackageBench.Put(package, "titer/Titer.Sdk.dll", sdk);
        PackageBench.ChangeManifest(package, manifest => manifest["files"]!.AsArray().Add(
            new System.Text.Json.Nodes.JsonObject { ["path"] = "Titer.Sdk.dll",
                ["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(sdk)), ["length"] = 3 }));

        Assert.Equal(PluginProblemCode.SdkCopied, _bench.Refused(package).Code);
    }

    [Fact]
    public void Too_many_files_are_refused()
    {
        var package = _bench.PackGood();
        PackageBench.Change(package, archive =>
        {
            for (var i = 0; i < 10_000; i++) archive.CreateEntry($"titer/{i}");
        });

        Assert.Equal(PluginProblemCode.PackageTooLarge, _bench.Refused(package).Code);
    }

    [Fact]
    public void Too_many_bytes_are_refused_before_they_are_unpacked()
    {
        var package = _bench.PackGood();
        Declare(package, "titer/GoodDefense.dll", 2_000_000_000);

        Assert.Equal(PluginProblemCode.PackageTooLarge, _bench.Refused(package).Code);
    }

    [Fact]
    public void A_manifest_that_would_fill_the_memory_is_refused()
    {
        var package = _bench.PackGood();
        PackageBench.Put(package, "titer-plugin.json", new byte[17 << 20]);

        Assert.Equal(PluginProblemCode.PackageTooLarge, _bench.Refused(package).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20_000)]
    public void A_size_that_is_a_lie_is_refused(uint length)
    {
        var package = _bench.PackGood();
        PackageBench.ChangeManifest(package,
            manifest => manifest["files"]!.AsArray().Single(f => (string)f!["path"]! == "GoodDefense.dll")!["length"] = length);
        Declare(package, "titer/GoodDefense.dll", length);

        Assert.Contains(_bench.Refused(package).Code, new[] { PluginProblemCode.PackageMismatch, PluginProblemCode.PackageUnreadable });
    }

    [Fact]
    public void Garbage_and_a_missing_file_are_unreadable()
    {
        var garbage = Path.Combine(_bench.Folder.Path, "garbage.nupkg");
        File.WriteAllText(garbage, "This is no package.");

        Assert.Equal(PluginProblemCode.PackageUnreadable, _bench.Refused(garbage).Code);
        Assert.Equal(PluginProblemCode.PackageUnreadable, _bench.Refused(garbage + ".nupkg").Code);
        Assert.Equal(PluginProblemCode.PackageUnreadable, _bench.Refused(_bench.Folder.Path).Code);
    }

    [Fact]
    public void A_package_cut_short_or_damaged_anywhere_never_throws_and_never_installs_other_content()
    {
        var good = File.ReadAllBytes(_bench.PackGood());
        var hash = ContentHash.OfFolder(FixtureFolder.Of("GoodDefense"));
        var damaged = Path.Combine(_bench.Folder.Path, "damaged.nupkg");
        for (var at = 0; at < good.Length; at += 37)
        {
            File.WriteAllBytes(damaged, good[..at]);
            _bench.Refused(damaged);
            var bytes = good.ToArray();
            bytes[at] ^= 0xFF;
            File.WriteAllBytes(damaged, bytes);
            var outcome = _bench.Installer.Install(damaged);
            Assert.True(outcome.Record is null ? outcome.Problems.Count > 0 : ContentHash.OfFolder(_bench.PluginFolder("good_defense")) == hash,
                $"byte {at}");
            if (outcome.Record is not null) _bench.Installer.Remove("good_defense");
        }
    }

    private static void ChangeNuspec(string package, string was, string becomes)
    {
        var nuspec = Encoding.UTF8.GetString(PackageBench.Bytes(package, "GoodDefense.nuspec"));
        Assert.Contains(was, nuspec, StringComparison.Ordinal);
        PackageBench.Put(package, "GoodDefense.nuspec", Encoding.UTF8.GetBytes(nuspec.Replace(was, becomes, StringComparison.Ordinal)));
    }

    /// <summary>Writes another uncompressed size into the archive's directory.</summary>
    private static void Declare(string package, string name, uint length)
    {
        var bytes = File.ReadAllBytes(package);
        var entry = bytes.AsSpan().LastIndexOf(Encoding.UTF8.GetBytes(name)) - 46;
        Assert.Equal(0x02014b50u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(entry)));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(entry + 24), length);
        File.WriteAllBytes(package, bytes);
    }
}
