using Titer.Runtime.Configuration;
using Titer.Scenarios.Yaml;

namespace Titer.Runtime.Tests.Configuration;

/// <summary>A policy with a mistake in it would be a wall that is not there: it is refused, with its place.</summary>
public sealed class PolicyReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-policy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_it_asks_for_is_said_in_one_line()
    {
        File.WriteAllText(Path.Combine(_folder, "signers"), "");
        var policy = Read($"signers: signers\nauthors: [a@b.example]\nhashes: [{new string('a', 64)}]\nothers: refuse\n");

        Assert.Equal("signed by a@b.example, 1 listed hash", policy.Text);
        Assert.Equal(64, policy.Sha256.Length);
        Assert.Equal("nothing but what came with titer", Read("others: refuse\n").Text);
    }

    [Theory]
    [InlineData("signers: missing\n", "There is no file")]
    [InlineData("require_signature: true\n", "'signers' names no file")]
    [InlineData("authors: [a@b.example]\n", "'signers' names no file")]
    [InlineData("hashes: [abc]\n", "is no content hash")]
    [InlineData("others: perhaps\n", "Write refuse or accept")]
    [InlineData("signers: signers\nrequire_signature: true\nothers: accept\n", "contradict each other")]
    public void A_policy_that_cannot_be_meant_is_refused(string text, string why)
    {
        File.WriteAllText(Path.Combine(_folder, "signers"), "");

        var problem = Assert.Throws<YamlProblemException>(() => Read(text));

        Assert.Contains("TITER187", problem.Message, StringComparison.Ordinal);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_not_known_or_a_file_that_is_not_there_is_refused()
    {
        Assert.Throws<YamlProblemException>(() => Read("autors: []\n"));
        var missing = Assert.Throws<YamlProblemException>(() => PolicyReader.Read(Path.Combine(_folder, "none.yaml"), new HashSet<string>()));
        Assert.Contains("TITER187", missing.Message, StringComparison.Ordinal);
    }

    private Titer.Plugins.Trust.PluginPolicy Read(string text)
    {
        var file = Path.Combine(_folder, "plugin-policy.yaml");
        File.WriteAllText(file, text);
        return PolicyReader.Read(file, new HashSet<string>());
    }
}
