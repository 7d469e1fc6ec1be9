using System.Security.Cryptography;
using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Models.Llama;
using Titer.Sdk;
using TorchSharp;

namespace Titer.Scenarios.Tests;

/// <summary>A subject whose public parent is declared: an attacker's process sees it, and nobody else's.</summary>
public sealed class ParentWeightsTests : IDisposable
{
    private readonly ScenarioCopy _copy = new();

    private string Parent => Path.Combine(_copy.Folder, "parent");

    private string ParentFile => Path.Combine(Parent, "model.safetensors");

    public ParentWeightsTests()
    {
        Directory.CreateDirectory(Parent);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_copy.Weights)!))
            File.Copy(file, Path.Combine(Parent, Path.GetFileName(file)));
        using var model = CheckpointReader.Read(Parent, DeviceSelection.Open("cpu"));
        using (torch.no_grad()) model.Arena.Flat.mul_(0.5);
        File.Delete(ParentFile);
        CheckpointWriter.WriteWeights(model, ParentFile, Path.GetDirectoryName(_copy.Weights)!);
    }

    public void Dispose() => _copy.Dispose();

    [Fact]
    public void An_attacker_loads_the_parent_and_no_other_part_of_the_scenario_names_it()
    {
        var without = Scenario.Open(_copy.Folder);
        Declare(Hash());

        var scenario = Scenario.Open(_copy.Folder);

        Assert.Null(without.ParentFolder);
        Assert.Equal(Parent, scenario.ParentFolder);
        Assert.NotEqual(without.Hash, scenario.Hash);
        Assert.Null(scenario.PartFor(ScenarioAudience.Defender).ParentFolder);
        Assert.Null(scenario.PartFor(ScenarioAudience.Assessor).ParentFolder);
        var file = Path.Combine(_copy.Folder, "part.json");
        scenario.PartFor(ScenarioAudience.Attacker).Write(file);
        var session = ScenarioSession.Open(ScenarioPart.Read(file), DeviceSelection.Open("cpu"));
        using var parent = session.LoadParent()!;
        using var subject = session.LoadSubject();
        Assert.Equal(subject.Arena.Flat.data<float>().ToArray().Select(x => x * 0.5f), parent.Arena.Flat.data<float>().ToArray());
        Assert.Null(ScenarioSession.Open(scenario.PartFor(ScenarioAudience.Defender), DeviceSelection.Open("cpu")).LoadParent());
        Assert.Equal(scenario.ParentFolder, scenario.WithMetrics(scenario.Metrics).ParentFolder);
    }

    [Fact]
    public void A_parent_that_changes_during_a_run_is_noticed()
    {
        Declare(Hash());
        var part = Scenario.Open(_copy.Folder).PartFor(ScenarioAudience.Attacker);
        Assert.True(part.SubjectIsUnchanged);

        File.SetLastWriteTimeUtc(ParentFile, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.False(part.SubjectIsUnchanged);
    }

    [Fact]
    public void The_subject_itself_may_be_public()
    {
        var pinned = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_copy.Weights)));
        _copy.Edit("folder: subject", $"folder: subject\n  parent_weights: subject\n  parent_sha256: {pinned}");

        var scenario = Scenario.Open(_copy.Folder);

        Assert.Equal(scenario.SubjectFolder, scenario.ParentFolder);
    }

    [Fact]
    public void A_parent_that_is_absent_or_not_the_pinned_one_is_refused()
    {
        Declare(new string('0', 64));
        AssertRefused("TITER544", Hash());
        File.Delete(ParentFile);
        AssertRefused("TITER544", "missing");
    }

    [Fact]
    public void A_parent_of_other_shapes_is_refused_and_so_is_a_folder_without_a_hash()
    {
        var shape = new LlamaConfig { VocabSize = 40, HiddenSize = 24, IntermediateSize = 32, NumHiddenLayers = 1, NumAttentionHeads = 4,
            NumKeyValueHeads = 2, MaxPositionEmbeddings = 32, TieWordEmbeddings = true };
        using (var random = new SeededRandom(1, torch.CPU))
        using (var other = LlamaModel.Create(shape, DeviceSelection.Open("cpu"), random))
        {
            CheckpointWriter.Write(other, Parent);
        }

        Declare(Hash());
        AssertRefused("TITER545", "has shape");
        _copy.Edit($"  parent_sha256: {Hash()}\n", "");
        AssertRefused("TITER504", "belong together");
    }

    private string Hash() => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(ParentFile)));

    private void Declare(string hash) =>
        _copy.Edit("folder: subject", $"folder: subject\n  parent_weights: parent\n  parent_sha256: {hash}");

    private void AssertRefused(string code, string words)
    {
        var refused = Assert.Throws<ScenarioException>(() => Scenario.Open(_copy.Folder));
        Assert.Contains(code, refused.Message, StringComparison.Ordinal);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }
}
