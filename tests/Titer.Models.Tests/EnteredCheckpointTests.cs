using System.Text.Json.Nodes;
using Titer.Files.Codes;
using Titer.Models.Checkpoints;
using Titer.Models.Llama;
using Titer.Models.Tests.Gpt2;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>What may stand in for a subject's own weights, and what may not.</summary>
public sealed class EnteredCheckpointTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public EnteredCheckpointTests() => Write("subject", Tiny.Config);

    private string Subject => _folder.File("subject");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_of_the_same_configuration_enters_whatever_its_data_type_and_the_spelling_of_its_configuration()
    {
        var own = Write("own", Tiny.Config with { NumKeyValueHeads = 2, HeadDim = 6, RopeParameters = new RopeSettings { RopeTheta = 10000 } });
        var weights = Path.Combine(own, "model.safetensors");
        using (var model = Tiny.Model(2))
        {
            using var noGrad = torch.no_grad();
            SafetensorsWriter.Write(weights, [.. model.Parameters.Select(p => new NamedParameter(p.Name, p.Tensor.to(torch.ScalarType.BFloat16)))]);
        }

        EnteredCheckpoint.In(own).RequireSameShape(Subject);
    }

    [Theory]
    [InlineData("rms_norm_eps", "1e-05", "config.json has rms_norm_eps 1E-05, the subject's has 1E-06")]
    [InlineData("rope_theta", "500000", "config.json has rope_theta 500000, the subject's has 10000")]
    [InlineData("num_attention_heads", "2", "config.json has num_attention_heads 2, the subject's has 4")]
    [InlineData("rope_scaling", """{ "rope_type": "linear", "factor": 2.0 }""", "config.json has rope_scaling linear 2, the subject's has none")]
    [InlineData("vocab_size", "40", null)]
    public void A_function_that_is_not_the_subjects_is_refused_by_the_name_of_the_setting(string key, string value, string? fact)
    {
        var own = Write("own", Tiny.Config);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(own, "config.json")))!;
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(Path.Combine(own, "config.json"), config.ToJsonString());

        var refused = Record.Exception(() => EnteredCheckpoint.In(own).RequireSameShape(Subject));

        if (fact is null) Assert.Null(refused);
        else Refused(refused, fact);
    }

    [Fact]
    public void Tensors_of_another_shape_too_many_or_too_few_are_refused_by_name()
    {
        Refused(Record.Exception(() => EnteredCheckpoint.In(Write("wide", Tiny.Config with { IntermediateSize = 48 })).RequireSameShape(Subject)),
            "'model.layers.0.mlp.gate_proj.weight' has shape [48, 24], the subject's has [32, 24]");
        var own = Write("untied", Tiny.Config with { TieWordEmbeddings = false });
        Refused(Record.Exception(() => EnteredCheckpoint.In(own).RequireSameShape(Subject)),
            "it has the tensor 'lm_head.weight', which the subject does not have");
        Refused(Record.Exception(() => EnteredCheckpoint.In(Subject).RequireSameShape(own)), "it lacks the tensor 'lm_head.weight'");
        var gpt2 = _folder.File("gpt2");
        using (var other = TinyGpt2.Model()) CheckpointWriter.Write(other, gpt2);
        Refused(Record.Exception(() => EnteredCheckpoint.In(gpt2).RequireSameShape(Subject)),
            "config.json has n_head 4, the subject's has nothing of the kind");
    }

    [Fact]
    public void Its_hash_is_of_configuration_and_weights_and_of_nothing_else()
    {
        var own = Write("own", Tiny.Config);
        var hash = EnteredCheckpoint.In(own).ContentHash();

        File.WriteAllText(Path.Combine(own, "README.md"), "A card.");
        Assert.Equal(hash, EnteredCheckpoint.In(own).ContentHash());
        var bytes = File.ReadAllBytes(Path.Combine(own, "model.safetensors"));
        bytes[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(own, "model.safetensors"), bytes);
        Assert.NotEqual(hash, EnteredCheckpoint.In(own).ContentHash());
        bytes[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(own, "model.safetensors"), bytes);
        Assert.Equal(hash, EnteredCheckpoint.In(own).ContentHash());
        File.AppendAllText(Path.Combine(own, "config.json"), " ");
        Assert.NotEqual(hash, EnteredCheckpoint.In(own).ContentHash());
    }

    [Fact]
    public void A_folder_with_an_adapter_alone_is_an_adapter_and_is_merged_into_the_subject()
    {
        var own = _folder.File("adapter");
        using (var model = Tiny.Model())
        using (var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2, Alpha = 8, Targets = ["q_proj"] }, Random()))
        {
            using var noGrad = torch.no_grad();
            adapter.Arena.Flat.fill_(0.25);
            PeftAdapterWriter.Write(adapter, own);
        }

        var entered = EnteredCheckpoint.In(own);
        entered.RequireSameShape(Subject);
        using var merged = entered.Open(DeviceSelection.Open("cpu"), () => CheckpointReader.Read(Subject, DeviceSelection.Open("cpu")));
        using var plain = Tiny.Model();
        using var scope = torch.NewDisposeScope();

        Assert.True(entered.IsAdapter);
        foreach (var (after, before) in merged.Parameters.Zip(plain.Parameters))
        {
            // alpha / rank times B A, all of 0.25: 4 * 2 * 0.0625.
            var change = after.Name.EndsWith("q_proj.weight", StringComparison.Ordinal) ? 0.5 : 0;
            Assert.True(torch.allclose(after.Tensor, before.Tensor + change, atol: 1e-6), after.Name);
        }
    }

    [Fact]
    public void A_folder_with_neither_says_what_is_there()
    {
        Directory.CreateDirectory(_folder.File("empty"));
        var refused = Assert.Throws<CheckpointException>(() => EnteredCheckpoint.In(_folder.File("empty")));
        Assert.Equal("TITER413", refused.Code);
    }

    private static Sdk.SeededRandom Random() => new(5, torch.CPU);

    private string Write(string name, LlamaConfig config)
    {
        using var model = Tiny.Model(config: config);
        CheckpointWriter.Write(model, _folder.File(name));
        return _folder.File(name);
    }

    private static void Refused(Exception? refused, string fact)
    {
        var e = Assert.IsType<CheckpointException>(refused);
        Assert.Equal("TITER432", e.Code);
        Assert.Contains(fact, e.Message, StringComparison.Ordinal);
        Assert.Contains("made from the scenario's subject", ((ICoded)e).Text, StringComparison.Ordinal);
    }
}
