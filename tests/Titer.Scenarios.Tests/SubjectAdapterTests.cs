using System.Security.Cryptography;
using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Scenarios.Tests;

/// <summary>A subject that is a base and a LoRA adapter in PEFT's files.</summary>
public sealed class SubjectAdapterTests : IDisposable
{
    private readonly ScenarioCopy _copy = new();
    private readonly float[] _merged;

    public SubjectAdapterTests()
    {
        using var model = CheckpointReader.Read(Path.GetDirectoryName(_copy.Weights)!, DeviceSelection.Open("cpu"));
        using var random = new SeededRandom(1, torch.CPU);
        using var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2, Targets = ["q_proj", "down_proj"] }, random);
        using (torch.no_grad())
        {
            foreach (var factor in adapter.Arena.Parameters) factor.Tensor.add_(0.01);
        }

        PeftAdapterWriter.Write(adapter, Adapter);
        adapter.Merge();
        _merged = model.Arena.Flat.data<float>().ToArray();
        _copy.Edit("folder: subject", "folder: subject\n  adapter: adapter");
        var files = new[] { _copy.Weights, Path.Combine(Adapter, "adapter_config.json"), Path.Combine(Adapter, "adapter_model.safetensors") };
        _copy.Edit("f04c4e34280c4f28e7606310465a861247ed59351cb37ddf9f80b3206c0a1659",
            Convert.ToHexStringLower(SHA256.HashData([.. files.SelectMany(File.ReadAllBytes)])));
    }

    private string Adapter => Path.Combine(_copy.Folder, "adapter");

    public void Dispose() => _copy.Dispose();

    [Fact]
    public void The_subject_is_the_base_with_the_adapter_merged()
    {
        var scenario = Scenario.Open(_copy.Folder);
        using var model = ScenarioSession.Open(scenario.Whole(), DeviceSelection.Open("cpu")).LoadSubject();

        Assert.Equal(_merged, model.Arena.Flat.data<float>().ToArray());
        Assert.All(model.Projections, p => Assert.Null(p.Adapter));
        Assert.NotEqual(Scenario.Open("apothecary").Hash, scenario.Hash);
    }

    [Fact]
    public void Defended_weights_have_the_adapter_in_them_already()
    {
        var session = ScenarioSession.Open(Scenario.Open(_copy.Folder).Whole(), DeviceSelection.Open("cpu"));
        var released = Path.Combine(_copy.Folder, "released.safetensors");
        using (var model = session.LoadSubject()) CheckpointWriter.WriteWeights(model, released, session.Scenario.SubjectFolder);

        using var again = session.LoadSubject(released);

        Assert.Null(WeightsCheck.Compare(session.Scenario.SubjectFolder, released));
        Assert.Equal(_merged, again.Arena.Flat.data<float>().ToArray());
    }

    [Fact]
    public void Another_adapter_is_another_subject_and_a_missing_one_is_refused()
    {
        var part = Scenario.Open(_copy.Folder).Whole();
        var config = Path.Combine(Adapter, "adapter_config.json");
        File.AppendAllText(config, "\n");

        Assert.False(part.SubjectIsUnchanged);
        AssertRefused("TITER506", "pinned is");
        File.Delete(config);
        AssertRefused("TITER505", "adapter_config.json");
    }

    private void AssertRefused(string code, string words)
    {
        var refused = Assert.Throws<ScenarioException>(() => Scenario.Open(_copy.Folder));
        Assert.Contains(code, refused.Message, StringComparison.Ordinal);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }
}
