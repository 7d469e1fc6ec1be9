using System.Security.Cryptography;
using System.Text;
using Titer.Files;
using Titer.Runtime.Results;
using Titer.Runtime.Submissions;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.League.Tests;

/// <summary>What an author hands in is an enemy's until it was read.</summary>
public sealed class SubmissionBundleTests : IDisposable
{
    private readonly AuthorBench _bench = new();
    private int _reads;

    [Fact]
    public void A_bundle_comes_out_as_it_went_in_with_the_key_that_signed_it()
    {
        var package = _bench.Packed();

        var bundle = Read(_bench.HandedIn(_bench.Folder, package), out var folder);

        Assert.Equal(("good_defense", true, "a page of mine"),
            (bundle.Statement.Id, bundle.Statement.Disclosures.TunedOnTheseAttacks, bundle.Statement.Disclosures.DataUsed));
        Assert.StartsWith("ED25519 SHA256:", bundle.Key, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(package), File.ReadAllBytes(Path.Combine(folder, SubmissionBundle.PackageName)));
        Assert.Null(bundle.Statement.Claim);
        Assert.NotEqual(bundle.Key, Read(_bench.HandedIn(_bench.Folder, package, "mallory"), out _).Key);
    }

    [Fact]
    public void Own_results_go_in_as_they_are_with_the_row_that_they_come_to_and_every_try()
    {
        var package = _bench.Packed();
        var hash = Read(_bench.HandedIn(_bench.Folder, package), out _).Statement.ContentSha256;
        var results = Played(hash);
        File.WriteAllText(Path.Combine(_bench.Folder, "tuning.json"), """{ "defense": "good_defense", "tries": [{}, {}, {}] }""");

        var bundle = Read(_bench.HandedIn(_bench.Folder, package, with: r => r with
        {
            Results = results, Tuning = Path.Combine(_bench.Folder, "tuning.json"),
        }), out var folder);

        var claim = bundle.Statement.Claim!;
        Assert.Equal(("holds", "1:4", 3), (claim.Defense, claim.Titer, bundle.Statement.Tries));
        Assert.Equal(claim.Phases + 3, bundle.Statement.Files.Count);
        using var own = RunFolder.OpenToRead(Path.Combine(folder, "results"));
        Assert.Equal(["no_defense", "holds"], RunRecords.ReadSpec(own).Defenses.Select(d => d.Label));

        Refused("TITER727", () => _bench.HandedIn(_bench.Folder, package, with: r => r with { Results = Played("another build") }));
        Refused("TITER727", () => _bench.HandedIn(_bench.Folder, package, with: r => r with { Tuning = Path.Combine(results, "run.lock.json") }));
    }

    [Fact]
    public void What_was_changed_after_it_was_signed_is_refused()
    {
        var good = File.ReadAllBytes(_bench.HandedIn(_bench.Folder, _bench.Packed()));
        var statement = Encoding.Latin1.GetString(good).IndexOf("\"data_used\"", StringComparison.Ordinal);

        Refused("TITER729", Changed(good, statement + 14));
        Refused("TITER728", Changed(good, good.Length - 1));
        Refused("TITER728", good[..^1]);
        Refused("TITER728", [.. good, (byte)' ']);
        Refused("TITER728", Changed(good, 0));
        Refused("TITER728", []);
        Refused("TITER728", Encoding.ASCII.GetBytes("titer submission 1\n99999999999999\n"));
        Refused("TITER728", Encoding.ASCII.GetBytes("titer submission 1\n2000000000\n{}"));
        Refused("TITER728", Encoding.ASCII.GetBytes("titer submission 1\n-5\n{}"));
        Refused("TITER728", () => SubmissionBundle.Read(Written(good), Empty(), new SubmissionLimits(good.Length - 1)));
    }

    [Fact]
    public void A_link_is_no_bundle()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Links need rights there.");
        var link = Path.Combine(_bench.Folder, "link" + SubmissionBundle.Extension);
        File.CreateSymbolicLink(link, _bench.HandedIn(_bench.Folder, _bench.Packed()));

        Refused("TITER728", () => SubmissionBundle.Read(link, Empty(), SubmissionLimits.Default));
    }

    /// <summary>Signed by an enemy's own key: the signature says who, and nothing of what.</summary>
    [Theory]
    [InlineData("plugin.nupkg", "../../evil")]
    [InlineData("plugin.nupkg", "/etc/passwd")]
    [InlineData("plugin.nupkg", "results/phases/../../../evil.json")]
    [InlineData("\"tries\":null,", "\"tries\":null,\"more\":1,")]
    [InlineData("\"id\":", "\"id\":\"twice\",\"id\":")]
    [InlineData("\"format_version\":1", "\"format_version\":2")]
    [InlineData("\"id\":\"some\"", "\"id\":\"Some/../x\"")]
    [InlineData("\"length\":3", "\"length\":-3")]
    [InlineData("\"length\":3", "\"length\":9000000000000")]
    [InlineData("\"length\":3", "\"length\":4")]
    [InlineData("\"data_used\":\"none\"", "\"data_used\":null")]
    [InlineData("\"tries\":null", "\"tries\":7")]
    [InlineData("\"files\":[", "\"files\":[null,")]
    [InlineData("\"files\":[", "\"files\":[[[[[[[[[[")]
    [InlineData("\"files\":[{", "\"files\":[{\"path\":\"tuning.json\",\"length\":0,\"sha256\":\"\"},{")]
    public void A_statement_that_is_none_is_refused_whoever_signed_it(string text, string other)
    {
        byte[] content = [1, 2, 3];
        var statement = "{\"format_version\":1,\"id\":\"some\",\"version\":\"1.0.0\",\"content_sha256\":\"" + new string('a', 64)
            + "\",\"host_version\":\"1\",\"disclosures\":{\"tuned_on_these_attacks\":false,\"data_used\":\"none\",\"public_parent\":null},"
            + "\"tries\":null,\"files\":[{\"path\":"
            + $"\"plugin.nupkg\",\"length\":3,\"sha256\":\"{Convert.ToHexStringLower(SHA256.HashData(content))}\"}}]}}";
        Assert.Equal("some", Read(_bench.Forged(statement, content), out _).Statement.Id);
        Assert.Contains(text, statement, StringComparison.Ordinal);

        Refused("TITER728", () => Read(_bench.Forged(statement.Replace(text, other, StringComparison.Ordinal), content), out _));
        Assert.False(File.Exists(Path.Combine(_bench.Folder, "evil")));
    }

    [Fact]
    public void However_it_is_damaged_it_is_a_refusal_and_no_failure()
    {
        var good = File.ReadAllBytes(_bench.HandedIn(_bench.Folder, _bench.Packed()));
        var random = new Random(7);
        for (var i = 0; i < 40; i++)
        {
            var damaged = (byte[])good.Clone();
            // Mostly where it is read by its form.
            for (var n = 0; n < 3; n++) damaged[random.Next(i % 2 == 0 ? 60 : damaged.Length)] = (byte)random.Next(256);
            if (damaged.AsSpan().SequenceEqual(good)) continue;
            var file = Written(damaged[..random.Next(damaged.Length / 2, damaged.Length)]);
            Assert.Contains(Assert.Throws<FileRefusalException>(() => Read(file, out _)).Code, (string[])["TITER728", "TITER729"]);
        }
    }

    public void Dispose() => _bench.Dispose();

    /// <summary>A run with one row of a build.</summary>
    private string Played(string contentHash)
    {
        var results = Empty();
        var spec = Some.Spec("holds", "another");
        spec = spec with { ScenarioHash = new string('a', 64),
            Defenses = [.. spec.Defenses.Select(d => d.Id == "holds" ? d with { ContentHash = contentHash } : d)] };
        using var folder = RunFolder.Open(results);
        var store = new ResultStore(folder);
        var curves = new Dictionary<string, Dictionary<int, double>> { ["holds"] = new() { [0] = 0, [8] = 0.1, [16] = 0.9, [32] = 1 } };
        foreach (var phase in TournamentPlan.From(spec).Phases)
        {
            var weights = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{phase.Defense.Id} {phase.Seed}")));
            store.Commit(Some.Standard(phase, curves) with { WeightsHash = weights });
        }

        RunRecords.Write(folder, spec);
        return results;
    }

    private static byte[] Changed(byte[] good, int place)
    {
        var changed = (byte[])good.Clone();
        changed[place] ^= 1;
        return changed;
    }

    private SubmissionBundle Read(string file, out string folder) => SubmissionBundle.Read(file, folder = Empty(), SubmissionLimits.Default);

    private string Empty() => Directory.CreateDirectory(Path.Combine(_bench.Folder, $"empty-{_reads++}")).FullName;

    private string Written(byte[] content)
    {
        var file = Path.Combine(Empty(), "it" + SubmissionBundle.Extension);
        File.WriteAllBytes(file, content);
        return file;
    }

    private void Refused(string code, byte[] content) => Refused(code, () => Read(Written(content), out _));

    private static void Refused(string code, Action act) => Assert.Equal(code, Assert.Throws<FileRefusalException>(act).Code);
}
