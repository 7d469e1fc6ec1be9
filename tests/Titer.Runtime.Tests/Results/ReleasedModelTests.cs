using System.Security.Cryptography;
using Titer.Files;
using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Models.Tokenizers;
using Titer.Runtime.Results;
using Titer.Scenarios;
using Titer.Scenarios.Tests;
using Titer.Tournament;
using Titer.Tournament.Scoring;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Results;

/// <summary>What is released is a checkpoint like any other: the same bits, with what is needed to open them and to know them.</summary>
public sealed class ReleasedModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;
    private readonly ScenarioCopy _copy = new();
    private readonly RunFolder _run;
    private readonly string _hash;
    private readonly TournamentReport _report;
    private readonly Dictionary<string, PhaseResult> _results;
    private readonly Scenario _scenario;

    public ReleasedModelTests()
    {
        File.WriteAllText(Path.Combine(_copy.Folder, "subject", "README.md"), "---\ntags: [x]\nlicense: cc-by-4.0\n---\nlicense: not this line\n");
        File.WriteAllText(Path.Combine(_copy.Folder, "subject", "LICENSE.txt"), "Attribution.");
        _scenario = Scenario.Open(_copy.Folder);
        _run = RunFolder.Open(Path.Combine(_folder, "run"));
        var weights = Path.Combine(_folder, "defended.safetensors");
        using (var model = CheckpointReader.Read(_scenario.SubjectFolder, DeviceSelection.Open("cpu")))
        {
            using (TorchSharp.torch.no_grad()) model.Arena.Flat.mul_(1.5);
            CheckpointWriter.WriteWeights(model, weights, _scenario.SubjectFolder);
        }

        using (var taken = _run.TakeWeights(weights, long.MaxValue)) _hash = taken.Keep();
        var spec = Some.Spec("holds") with { ScenarioHash = _scenario.Hash, HostVersion = "9.9.9" };
        var plan = TournamentPlan.From(spec);
        _results = plan.Phases.Where(p => p.Seed < 3)
            .ToDictionary(p => p.Id, p => Some.Standard(p, new Dictionary<string, Dictionary<int, double>>()) with { WeightsHash = _hash });
        _report = TournamentFold.Report(spec, plan, _results);
    }

    public void Dispose()
    {
        _run.Dispose();
        _copy.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void An_exported_model_enters_again_as_the_subject_of_a_scenario_with_the_same_weights()
    {
        var target = Path.Combine(_folder, "deep", "exported");

        Assert.Equal(_hash, Export("holds", 1, target));

        var file = Path.Combine(target, "model.safetensors");
        Assert.Equal(_hash, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
        Assert.Equal(["LICENSE.txt", "README.md", "config.json", "model.safetensors", "vocab.txt"],
            Directory.GetFiles(target).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        var pinned = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_copy.Weights)));
        Directory.Delete(Path.Combine(_copy.Folder, "subject"), recursive: true);
        Directory.Move(target, Path.Combine(_copy.Folder, "subject"));
        _copy.Edit(pinned, _hash);
        var entered = Scenario.Open(_copy.Folder);
        Assert.NotEqual(_scenario.Hash, entered.Hash);
        Assert.NotNull(TokenizerReader.Read(entered.SubjectFolder));
        using var model = CheckpointReader.Read(entered.SubjectFolder, DeviceSelection.Open("cpu"));
        var again = Path.Combine(_folder, "again.safetensors");
        CheckpointWriter.WriteWeights(model, again, entered.SubjectFolder);
        Assert.Equal(_hash, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(again))));
    }

    [Fact]
    public void The_card_has_row_budgets_hashes_and_the_licence_that_is_known()
    {
        var target = Path.Combine(_folder, "exported");
        Export("holds", 2, target);

        var card = File.ReadAllText(Path.Combine(target, "README.md"));

        Assert.StartsWith("---\nlibrary_name: transformers\n", card, StringComparison.Ordinal);
        var row = _report.Rows.First(r => r.Defense == "holds");
        foreach (var text in new[] { "\nlicense: cc-by-4.0\n---\n", "# holds, seed 2", $"| {row.Rank} of 2 | {row.Titer}",
            "| attack | 32 | 512 | 60 |", "| defense | 100 | no limit | 60 |", $"`{_hash}`", $"`{_scenario.Hash}`", "`hash-of-holds`",
            "9.9.9", "`LICENSE.txt`" })
            Assert.Contains(text, card, StringComparison.Ordinal);
        Assert.DoesNotContain("not this line", card, StringComparison.Ordinal);
    }

    [Fact]
    public void A_subject_without_a_licence_is_said_to_have_none()
    {
        File.Delete(Path.Combine(_scenario.SubjectFolder, "README.md"));
        var target = Path.Combine(_folder, "exported");
        Export("holds", 1, target);
        Assert.Contains("states no licence", File.ReadAllText(Path.Combine(target, "README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hold", 1, "Did you mean 'holds'?")]
    [InlineData("holds", 7, "Name one of: 1, 2, 3.")]
    [InlineData("holds", 3, "has no result yet")]
    public void A_model_that_the_board_does_not_have_is_refused(string defense, int seed, string fact) => Refused(defense, seed, "TITER640", fact);

    [Fact]
    public void A_defense_that_failed_has_no_model()
    {
        var phase = TournamentPlan.From(_report.Spec).Phases.First(p => p is { Kind: PhaseKind.Defend, Defense.Label: "holds", Seed: 1 });
        _results[phase.Id] = Some.Result(phase, PhaseStatus.Error, "TITER201", "It threw.");
        Refused("holds", 1, "TITER640", "TITER201 It threw.");
    }

    [Fact]
    public void Weights_that_are_gone_or_were_changed_are_not_exported()
    {
        File.WriteAllBytes(_run.WeightsFile(_hash), [1, 2, 3]);
        Refused("holds", 1, "TITER641", "were changed");
        File.Delete(_run.WeightsFile(_hash));
        Refused("holds", 1, "TITER641", "not kept");
    }

    [Fact]
    public void A_folder_with_something_in_it_is_left_as_it_is()
    {
        Export("holds", 1, Path.Combine(_folder, "exported"));
        Refused("holds", 2, "TITER642", "holds something");
    }

    private string Export(string defense, int seed, string target) =>
        ReleasedModel.Write(_run, _scenario, _report, _results, defense, seed, target);

    private void Refused(string defense, int seed, string code, string fact)
    {
        var e = Assert.Throws<FileRefusalException>(() => Export(defense, seed, Path.Combine(_folder, "exported")));
        Assert.StartsWith(code + " ", e.Message, StringComparison.Ordinal);
        Assert.Contains(fact, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder, "*.tmp"));
    }
}
