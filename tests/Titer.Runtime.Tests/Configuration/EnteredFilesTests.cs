using Titer.Files;
using Titer.Models.Checkpoints;
using Titer.Plugins;
using Titer.Plugins.Trust;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Tests.Plugins;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Configuration;

/// <summary>An operator's policy is not walked around by entering something else than a plugin.</summary>
public sealed class EnteredFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("others: refuse\n", "TITER188", "TITER188")]
    [InlineData("hashes: [PROGRAM]\n", "listed by its content hash", "TITER188")]
    [InlineData("hashes: [PROGRAM, CHECKPOINT]\n", "listed by its content hash", "listed by its content hash")]
    [InlineData("signers: signers\nauthors: [a@b.example]\nrequire_signature: true\nhashes: [CHECKPOINT]\n", "TITER188",
        "listed by its content hash")]
    [InlineData("signers: signers\n", "TITER188", "TITER188")]
    [InlineData("others: accept\n", "accepted without being listed", "accepted without being listed")]
    [InlineData("others: accept\nhashes: [PROGRAM]\nrevoked: [PROGRAM, CHECKPOINT]\n", "TITER186", "TITER186")]
    public void What_enters_without_a_plugin_is_held_against_the_policy_by_its_hash(string text, string program, string checkpoint)
    {
        var (command, folder) = (new[] { "python3", "defend.py" }, Path.Combine(_folder, "mine"));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "defend.py"), "pass\n");
        FolderCopy.Copy(Scenario.Open("apothecary").SubjectFolder, Path.Combine(_folder, "model"));
        var hashes = (Program: ProgramRun.Hash(new ProgramOrder(folder, command, [])),
            Checkpoint: EnteredCheckpoint.In(Path.Combine(_folder, "model")).ContentHash());
        File.WriteAllText(Path.Combine(_folder, "signers"), "");
        File.WriteAllText(Path.Combine(_folder, "policy.yaml"), text.Replace("PROGRAM", hashes.Program, StringComparison.Ordinal)
            .Replace("CHECKPOINT", hashes.Checkpoint, StringComparison.Ordinal));

        var entered = Resolved(PolicyReader.Read(Path.Combine(_folder, "policy.yaml"), new HashSet<string>()));

        Holds(program, entered["mine"], hashes.Program);
        Holds(checkpoint, entered["model"], hashes.Checkpoint);
    }

    [Fact]
    public void Without_a_policy_nothing_is_said_of_them()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "mine"));
        FolderCopy.Copy(Scenario.Open("apothecary").SubjectFolder, Path.Combine(_folder, "model"));

        Assert.All(Resolved(null).Values, entrant => Assert.Equal((null, null), (entrant.Standing, entrant.Refusal)));
    }

    private static void Holds(string expected, Entrant entrant, string hash)
    {
        Assert.Equal(hash, entrant.ContentHash);
        if (!expected.StartsWith("TITER", StringComparison.Ordinal))
        {
            Assert.Equal((expected, null), (entrant.Standing, entrant.Refusal));
            return;
        }

        Assert.Equal((expected, PhaseStatus.Invalid), (entrant.Refusal?.Code, entrant.Refusal!.Status));
        Assert.Contains(expected == "TITER188" ? hash : "revoked", entrant.Refusal.Reason, StringComparison.Ordinal);
        Assert.Null(entrant.Standing);
    }

    private Dictionary<string, Entrant> Resolved(PluginPolicy? policy)
    {
        var plugins = Path.Combine(TestRepository.Root, "artifacts", "plugins", Path.GetFileName(FixtureFolder.Root));
        string[] baselines = ["Titer.Defenses.NoDefense", "Titer.Attacks.NoWeightModification"];
        // The baselines came with the host.
        var own = PluginCatalog.Scan(baselines.Select(b => Path.Combine(plugins, b))).HashesIn(plugins);
        var catalog = PluginCatalog.Scan(baselines.Select(b => Path.Combine(plugins, b)),
            new PluginGate(policy is null ? null : policy with { Own = own }));
        var file = TournamentFileReader.Parse(Path.Combine(_folder, "t.yaml"), "defenses:\n  - { command: [python3, defend.py], folder: mine }\n"
            + "  - { checkpoint: model }\nattacks: []\n");
        return new TournamentResolver(file, catalog, Quarantine.Empty, "test").Resolve(new RunOverrides()).Spec.Defenses
            .Where(d => d.Origin is not null).ToDictionary(d => d.Label);
    }
}
