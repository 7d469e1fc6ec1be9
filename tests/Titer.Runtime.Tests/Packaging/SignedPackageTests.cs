using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Titer.Plugins;
using Titer.Runtime.Tests.Plugins;

namespace Titer.Runtime.Tests.Packaging;

/// <summary>What a signature and an operator's policy promise: these very files, from somebody who is accepted.</summary>
public sealed class SignedPackageTests : IDisposable
{
    private const string Signers = "signers: signers\n";
    private const string Signature = "titer/titer-plugin.sig";

    private readonly SigningBench _bench = new();

    private static string Good => FixtureFolder.Of("GoodDefense");

    private static string GoodHash => PackageBench.Gate.Inspect(Good).Plugin!.Manifest.ContentHash;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_package_that_its_author_signed_is_installed_and_its_standing_says_by_whom()
    {
        var package = _bench.Signed(Good);

        var outcome = _bench.Install(package, Signers + "require_signature: true\n");

        Assert.True(outcome.Record is not null, string.Join('\n', outcome.Problems));
        Assert.Matches("^signed by alice@example.org \\(ED25519 SHA256:.+\\)$", outcome.Record.Standing);
        // The signature is of what the hash covers, and the installed folder is that.
        Assert.Equal(GoodHash, outcome.Record.ContentHash);
        var installed = new PluginGate(_bench.Policy(Signers)).Inspect(_bench.Packages.PluginFolder("good_defense"));
        Assert.Equal(outcome.Record.Standing, installed.Plugin?.Standing);
    }

    [Fact]
    public void A_signed_package_has_the_same_bytes_each_time_and_the_files_of_an_unsigned_one()
    {
        var first = File.ReadAllBytes(_bench.Signed(Good));
        var names = Names(_bench.Signed(Good));

        Assert.Equal(first, File.ReadAllBytes(_bench.Signed(Good)));
        Assert.Equal(names, Names(_bench.Packages.PackGood()).Append(Signature).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("another build", "TITER182")]
    [InlineData("half a signature", "TITER182")]
    [InlineData("text", "TITER182")]
    [InlineData("nothing", "TITER184")]
    public void A_package_that_was_tampered_with_is_refused(string how, string code)
    {
        var other = _bench.Packages.Folder.CopyOf("GoodDefense", "other");
        File.WriteAllText(Path.Combine(other, "added.txt"), "one more file");
        var signature = Encoding.ASCII.GetString(PackageBench.Bytes(_bench.Signed(Good), Signature));
        var tampered = how switch { "another build" => signature, "half a signature" => signature[..(signature.Length / 2)], _ => how };
        // As somebody packs who has the signature and no key.
        if (how != "nothing") File.WriteAllText(Path.Combine(other, "titer-plugin.sig"), tampered);

        var outcome = _bench.Install(_bench.Packages.Pack(other), Signers + "require_signature: true\n");

        Assert.Null(outcome.Record);
        Assert.Equal(code, outcome.Problems[0].Code);
    }

    /// <summary>The signature stays as its author made it; what it is over does not.</summary>
    [Theory]
    [InlineData("a file more, unnamed")]
    [InlineData("a file more, named")]
    [InlineData("a dll in other letters")]
    [InlineData("the signature twice")]
    [InlineData("a second signature in other letters")]
    [InlineData("another version")]
    public void A_signed_package_that_was_packed_again_by_hand_is_refused(string how)
    {
        var package = _bench.Signed(Good);
        var (extra, dll) = (Encoding.ASCII.GetBytes("an addition"), PackageBench.Bytes(package, "titer/GoodDefense.dll"));
        switch (how)
        {
            case "a file more, unnamed":
                PackageBench.Put(package, "titer/added.txt", extra);
                break;
            case "a file more, named":
                Add(package, "added.txt", extra);
                break;
            case "a dll in other letters":
                Add(package, "gooddefense.dll", [.. dll, 0]);
                break;
            case "the signature twice":
                PackageBench.Change(package, archive => archive.CreateEntry(Signature));
                break;
            case "a second signature in other letters":
                Add(package, "Titer-Plugin.sig", PackageBench.Bytes(_bench.Signed(Good, "mallory"), Signature));
                break;
            default:
                PackageBench.ChangeManifest(package, manifest => manifest["package_version"] = "9.0.0");
                break;
        }

        var outcome = _bench.Install(package, Signers + "require_signature: true\n");

        Assert.Null(outcome.Record);
        Assert.Matches("^TITER(117|17[1-4]|182)$", outcome.Problems[0].Code);
    }

    [Fact]
    public void Of_two_signatures_in_one_file_the_first_counts_and_a_stranger_gains_nothing_by_adding_his()
    {
        var package = _bench.Signed(Good);
        var (alice, mallory) = (PackageBench.Bytes(package, Signature), PackageBench.Bytes(_bench.Signed(Good, "mallory"), Signature));

        Add(package, "titer-plugin.sig", [.. mallory, .. alice]);
        Assert.Null(_bench.Install(package, Signers + "require_signature: true\n").Record);
        // The first one holds over these very files.
        Add(package, "titer-plugin.sig", [.. alice, .. mallory]);
        Assert.StartsWith("signed by alice@example.org", _bench.Install(package, Signers + "require_signature: true\n").Record?.Standing ?? "nobody",
            StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_differ_in_letters_alone_are_refused_whoever_signed()
    {
        var package = _bench.Packages.PackGood();
        Add(package, "gooddefense.DLL", PackageBench.Bytes(package, "titer/GoodDefense.dll"));

        Assert.Equal("TITER172", _bench.Packages.Refused(package).Code);
    }

    [Fact]
    public void A_link_in_a_package_is_no_link_when_it_is_installed()
    {
        var package = _bench.Packages.PackGood();
        PackageBench.Change(package, archive =>
        {
            var entry = archive.CreateEntry("titer/link");
            // As zip writes a symbolic link: its mode in the upper half, its target as the text.
            entry.ExternalAttributes = unchecked((int)0xA1FF0000);
            using var text = new StreamWriter(entry.Open());
            text.Write("/etc/passwd");
        });

        Assert.Equal("TITER172", _bench.Packages.Refused(package).Code);
    }

    [Fact]
    public void A_key_that_nobody_knows_signs_nothing()
    {
        var package = _bench.Signed(Good, "mallory");

        Assert.Equal("TITER184", _bench.Install(package, Signers + "require_signature: true\n").Problems[0].Code);
        Assert.Equal("TITER185", _bench.Install(package, Signers).Problems[0].Code);
        var lenient = _bench.Install(package, Signers + "others: accept\n");
        Assert.Equal("accepted without a signature", lenient.Record?.Standing);
    }

    [Fact]
    public void A_key_that_is_revoked_or_for_other_things_is_refused_with_its_owners_name()
    {
        var package = _bench.Signed(Good);
        _bench.Write("revoked", _bench.PublicKey("alice") + "\n");
        _bench.Write("others", $"{SigningBench.Author} namespaces=\"git\" {_bench.PublicKey("alice")}\n");

        foreach (var policy in new[] { Signers + "revoked_keys: revoked\n", "signers: others\n" })
        {
            var problem = _bench.Install(package, policy).Problems[0];
            Assert.Equal("TITER183", problem.Code);
            Assert.Contains(SigningBench.Author, problem.Fact, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_is_no_author_of_the_policy_is_refused_also_with_a_good_signature()
    {
        var package = _bench.Signed(Good);

        Assert.Equal("TITER185", _bench.Install(package, Signers + "authors: ['*@lab.example']\n").Problems[0].Code);
        Assert.NotNull(_bench.Install(package, Signers + "authors: ['*@example.org']\n").Record);
    }

    [Fact]
    public void A_listed_hash_is_enough_without_a_signature_and_a_revoked_one_is_refused_with_the_best()
    {
        Assert.Equal("listed by its content hash", _bench.Install(_bench.Packages.PackGood(), $"hashes: [{GoodHash}]\n").Record?.Standing);
        Assert.Equal("TITER185", _bench.Install(_bench.Packages.PackGood(), $"hashes: [{new string('0', 64)}]\n").Problems[0].Code);
        Assert.Equal("TITER184",
            _bench.Install(_bench.Packages.PackGood(), $"{Signers}hashes: [{GoodHash}]\nrequire_signature: true\n").Problems[0].Code);
        Assert.Equal("TITER186", _bench.Install(_bench.Signed(Good), $"{Signers}revoked: [{GoodHash}]\n").Problems[0].Code);
    }

    [Fact]
    public void A_key_that_cannot_sign_packs_nothing()
    {
        var gate = PackageBench.Gate;
        var missing = new Titer.Plugins.Packaging.PluginPackage(gate).Pack(Good, _bench.Packages.Feed, _bench.Key("nobody"));
        var text = new Titer.Plugins.Packaging.PluginPackage(gate).Pack(Good, _bench.Packages.Feed, _bench.Write("text", "no key"));

        Assert.All([missing, text], outcome => Assert.Equal((null, "TITER181"), (outcome.File, outcome.Problems[0].Code)));
        Assert.False(Directory.Exists(_bench.Packages.Feed));
    }

    /// <summary>As somebody packs who writes the manifest himself.</summary>
    private static void Add(string package, string path, byte[] content)
    {
        PackageBench.Put(package, "titer/" + path, content);
        PackageBench.ChangeManifest(package, manifest =>
        {
            var files = manifest["files"]!.AsArray();
            if (files.FirstOrDefault(f => (string)f!["path"]! == path) is { } before) files.Remove(before);
            files.Add(new JsonObject
            {
                ["path"] = path, ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content)), ["length"] = content.Length,
            });
        });
    }

    private static string[] Names(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        return [.. archive.Entries.Select(e => e.FullName).Where(n => n.StartsWith("titer/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
    }
}
