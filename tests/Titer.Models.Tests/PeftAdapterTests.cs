using System.Text.Json.Nodes;
using Titer.Models.Checkpoints;
using Titer.Models.Tests.Gpt2;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Models.Tests;

public sealed class PeftAdapterTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("smollm2", 2, 16, "")]
    [InlineData("smollm2", 3, 7, "q_proj,down_proj")]
    [InlineData("phi3", 2, 8, "qkv_proj,mlp.gate_up_proj,down_proj")]
    [InlineData("gemma2", 2, 8, "")]
    [InlineData("olmo2", 2, 8, "o_proj,down_proj")]
    [InlineData("gpt2", 4, 8, "")]
    [InlineData("gpt2", 3, 0.1, "c_attn,mlp.c_proj")]
    public void A_trained_adapter_comes_back_with_equal_logits_and_merges_like_itself(string member, int rank, double alpha, string targets)
    {
        using var model = ModelOf(member);
        using var scope = torch.NewDisposeScope();
        var ids = Tiny.Ids([1, 5, 9, 7]);
        using var adapter =
            Trained(model, new LoraOptions { Rank = rank, Alpha = alpha, Targets = targets.Split(',', StringSplitOptions.RemoveEmptyEntries) });
        PeftAdapterWriter.Write(adapter, _folder.Path, "base");

        using var fresh = ModelOf(member);
        var before = fresh.Forward(ids);
        var read = PeftAdapterReader.Read(fresh, _folder.Path);
        var attached = fresh.Forward(ids);

        Assert.False(torch.allclose(before, attached, atol: 1e-3));
        Assert.True(model.Forward(ids).eq(attached).all().item<bool>());
        Assert.All(read.Arena.Parameters, p => Assert.True(p.Tensor.requires_grad));
        read.Merge();
        Assert.True(torch.allclose(attached, fresh.Forward(ids), rtol: 1e-5, atol: 1e-5));
    }

    [Fact]
    public void The_files_are_pefts()
    {
        using var model = ModelOf("gpt2");
        using var adapter = Trained(model, new LoraOptions { Rank = 2, Alpha = 16, Targets = ["attn.c_proj"] });
        PeftAdapterWriter.Write(adapter, _folder.Path, "openai/some-base");

        using var file = SafetensorsFile.Open(_folder.File("adapter_model.safetensors"));
        var config = JsonNode.Parse(File.ReadAllText(_folder.File("adapter_config.json")))!;

        Assert.Equal(
            ["base_model.model.transformer.h.0.attn.c_proj.lora_A.weight [2, 24]",
                "base_model.model.transformer.h.0.attn.c_proj.lora_B.weight [24, 2]",
                "base_model.model.transformer.h.1.attn.c_proj.lora_A.weight [2, 24]",
                "base_model.model.transformer.h.1.attn.c_proj.lora_B.weight [24, 2]"],
            file.Tensors.Select(t => $"{t.Name} [{string.Join(", ", t.Shape)}]"));
        Assert.Equal(("LORA", "CAUSAL_LM", "none", "openai/some-base"),
            ((string?)config["peft_type"], (string?)config["task_type"], (string?)config["bias"], (string?)config["base_model_name_or_path"]));
        Assert.Equal((2, 16.0, true), ((int)config["r"]!, (double)config["lora_alpha"]!, (bool)config["fan_in_fan_out"]!));
        Assert.Equal(["transformer.h.0.attn.c_proj", "transformer.h.1.attn.c_proj"], config["target_modules"]!.AsArray().Select(n => (string?)n));
    }

    [Theory]
    [InlineData("\"target_modules\": \"all-linear\"")]
    [InlineData("\"target_modules\": \".*\\\\.(q_proj|v_proj)\", \"layers_to_transform\": [1], \"layers_pattern\": \"layers\"")]
    [InlineData("\"target_modules\": null, \"modules_to_save\": null, \"init_lora_weights\": true, \"task_type\": null, \"use_dora\": false, "
        + "\"bias\": \"none\", \"something_new\": 3")]
    public void The_tensors_present_decide_what_is_adapted(string settings)
    {
        using var model = ModelOf("smollm2");
        WriteFiles($"\"r\": 2, \"lora_alpha\": 4, {settings}", ("model.layers.1.self_attn.q_proj", 2, 24, 24),
            ("model.layers.1.self_attn.v_proj", 2, 24, 12));

        using var adapter = PeftAdapterReader.Read(model, _folder.Path);

        Assert.Equal(["model.layers.1.self_attn.q_proj", "model.layers.1.self_attn.v_proj"], adapter.Targets.Select(t => t.Path));
        Assert.All(adapter.Targets, t => Assert.Equal(2, t.Adapter!.Value.Scale));
    }

    [Fact]
    public void Patterns_and_rank_stabilized_scales_are_followed()
    {
        using var model = ModelOf("smollm2");
        WriteFiles(
            "\"r\": 4, \"lora_alpha\": 8, \"use_rslora\": true, \"rank_pattern\": {\"layers.0.self_attn.q_proj\": 1, \"v_proj\": 9}, "
                + "\"alpha_pattern\": {\".*v_pro.\": 30}",
            ("model.layers.0.self_attn.q_proj", 1, 24, 24), ("model.layers.1.self_attn.q_proj", 4, 24, 24),
            ("model.layers.1.self_attn.v_proj", 9, 24, 12));

        using (var adapter = PeftAdapterReader.Read(model, _folder.Path))
        {
            Assert.Equal([8.0, 4.0, 10.0], adapter.Targets.Select(t => t.Adapter!.Value.Scale));
            using var other = new TestFolder();
            PeftAdapterWriter.Write(adapter, other.Path);
            adapter.Dispose();
            using var again = PeftAdapterReader.Read(model, other.Path);
            Assert.Equal([(1, 8.0), (4, 4.0), (9, 10.0)], again.Targets.Select(t => ((int)t.Adapter!.Value.A.shape[0], t.Adapter.Value.Scale)));
        }
    }

    [Theory]
    [InlineData("\"peft_type\": \"IA3\"", "peft_type 'IA3'")]
    [InlineData("\"task_type\": \"SEQ_CLS\"", "task_type 'SEQ_CLS'")]
    [InlineData("\"use_dora\": true", "use_dora 'true'")]
    [InlineData("\"bias\": \"all\"", "bias 'all'")]
    [InlineData("\"lora_bias\": true", "lora_bias 'true'")]
    [InlineData("\"modules_to_save\": [\"lm_head\"]", "modules_to_save '[\"lm_head\"]'")]
    [InlineData("\"layer_replication\": [[0, 2]]", "layer_replication")]
    [InlineData("\"init_lora_weights\": \"pissa_niter_4\"", "init_lora_weights 'pissa_niter_4'")]
    [InlineData("\"rank_pattern\": {\"(\": 2}", "rank_pattern '('")]
    [InlineData("\"r\": 3", "has shape [2, 24] where the model and adapter_config.json ask for [3, 24]")]
    [InlineData("\"r\": 0", "a rank is under 1")]
    [InlineData("\"r\": \"two\"", "not an adapter configuration")]
    public void What_is_not_plain_lora_is_named(string settings, string expected)
    {
        using var model = ModelOf("smollm2");
        WriteFiles($"\"r\": 2, \"lora_alpha\": 4, {settings}", ("model.layers.0.self_attn.q_proj", 2, 24, 24));

        Refused(model, expected);
    }

    [Fact]
    public void Tensors_that_the_model_has_no_place_for_are_named()
    {
        using var model = ModelOf("smollm2");
        WriteFiles("\"r\": 2", ("model.layers.7.self_attn.q_proj", 2, 24, 24));
        Refused(model, "'base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight'");

        using var scope = torch.NewDisposeScope();
        SafetensorsWriter.Write(_folder.File("adapter_model.safetensors"),
            [new("base_model.model.model.embed_tokens.lora_embedding_A", torch.zeros(2, 40))]);
        Refused(model, "'base_model.model.model.embed_tokens.lora_embedding_A'");

        SafetensorsWriter.Write(_folder.File("adapter_model.safetensors"),
            [new("base_model.model.model.layers.0.mlp.up_proj.lora_A.weight", torch.zeros(2, 24))]);
        Refused(model, "lacks 'base_model.model.model.layers.0.mlp.up_proj.lora_B.weight'");

        SafetensorsWriter.Write(_folder.File("adapter_model.safetensors"), []);
        Refused(model, "has no factors");
    }

    [Fact]
    public void A_pickle_and_missing_files_are_refused()
    {
        using var model = ModelOf("smollm2");
        Refused(model, "has no adapter_config.json");
        File.WriteAllText(_folder.File("adapter_config.json"), "{}");
        Refused(model, "has no adapter_model.safetensors");
        File.WriteAllText(_folder.File("adapter_model.bin"), "");
        Refused(model, "adapter_model.bin, a pickle");
    }

    private void Refused(CausalLanguageModel model, string expected)
    {
        var fault = Assert.Throws<CheckpointException>(() => PeftAdapterReader.Read(model, _folder.Path));
        Assert.StartsWith("TITER419", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.All(model.Projections, p => Assert.Null(p.Adapter));
        Assert.All(model.Parameters, p => Assert.True(p.Tensor.requires_grad));
    }

    /// <summary>Later keys win, as in JSON readers everywhere.</summary>
    private void WriteFiles(string settings, params (string Module, long Rank, long In, long Out)[] modules)
    {
        using var scope = torch.NewDisposeScope();
        File.WriteAllText(_folder.File("adapter_config.json"), $"{{\"peft_type\": \"LORA\", {settings}}}");
        SafetensorsWriter.Write(_folder.File("adapter_model.safetensors"),
        [
            .. modules.SelectMany(m => new NamedParameter[]
            {
                new($"base_model.model.{m.Module}.lora_A.weight", torch.ones(m.Rank, m.In) * 0.1f),
                new($"base_model.model.{m.Module}.lora_B.weight", torch.ones(m.Out, m.Rank) * 0.1f),
            }),
        ]);
    }

    private static LoraAdapter Trained(CausalLanguageModel model, LoraOptions options)
    {
        using var random = new SeededRandom(5, torch.CPU);
        using var scope = torch.NewDisposeScope();
        var batches = Tiny.Examples().Shuffle(random.Fork("b"), 4);
        var adapter = LoraAdapter.Attach(model, options, random);
        using var optimizer = new AdamW(adapter.Arena, 0.02);
        for (var step = 0; step < 3; step++)
        {
            adapter.Arena.ZeroGradients();
            FineTuner.SupervisedLoss(model, batches.Next()).backward();
            optimizer.Step();
        }

        return adapter;
    }

    private static CausalLanguageModel ModelOf(string member) =>
        member == "gpt2" ? TinyGpt2.Model(4) : Tiny.Model(4, LlamaMembers.ConfigOf(member));
}
