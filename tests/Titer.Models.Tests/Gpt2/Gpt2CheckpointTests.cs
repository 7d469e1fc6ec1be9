using System.Text.Json.Nodes;
using Titer.Models.Checkpoints;
using Titer.Models.Gpt2;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Tests.Gpt2;

/// <summary>The forms in which GPT-2 is shipped, and what is not GPT-2.</summary>
public sealed class Gpt2CheckpointTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Names_with_and_without_prefix_load_and_masks_and_a_repeated_head_are_passed_over(bool prefixed)
    {
        using var model = TinyGpt2.Model(7);
        using var folder = new TestFolder();
        CheckpointWriter.Write(model, folder.Path);
        using var scope = torch.NewDisposeScope();
        var prefix = prefixed ? "transformer." : "";
        SafetensorsWriter.Write(folder.File("model.safetensors"),
        [
            new("lm_head.weight", model.Arena["transformer.wte.weight"]),
            .. model.Parameters.Select(p => new NamedParameter(prefix + p.Name["transformer.".Length..], p.Tensor)),
            new(prefix + "h.0.attn.bias", torch.ones(1, 1, 32, 32).tril()),
            new(prefix + "h.1.attn.masked_bias", torch.tensor(-1e4f)),
        ]);

        using var read = CheckpointReader.Read(folder.Path, Fixtures.Cpu());

        Assert.True(model.Arena.Flat.eq(read.Arena.Flat).all().item<bool>());
    }

    [Fact]
    public void A_mask_of_bytes_is_no_weight()
    {
        using var folder = new TestFolder();
        var header = """{"h.0.attn.bias":{"dtype":"BOOL","shape":[2,3],"data_offsets":[0,6]}}""";
        File.WriteAllBytes(folder.File("x"),
            [.. BitConverter.GetBytes((ulong)header.Length), .. System.Text.Encoding.UTF8.GetBytes(header), .. new byte[6]]);

        using var file = SafetensorsFile.Open(folder.File("x"));

        Assert.StartsWith("TITER412", Assert.Throws<CheckpointException>(() => file.ReadSingles(file.Tensors[0])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_type", "\"gpt_neo\"", "TITER416",
        "model_type 'gpt_neo' is not supported. Supported: llama, mistral, qwen2, qwen3, phi3, olmo2, gemma2, gemma3_text, gpt2.")]
    [InlineData("activation_function", "\"quick_gelu\"", "TITER416",
        "activation_function 'quick_gelu' is not supported. Supported: gelu_new, gelu_pytorch_tanh")]
    [InlineData("scale_attn_weights", "false", "TITER416", "scale_attn_weights 'false'")]
    [InlineData("add_cross_attention", "true", "TITER416", "add_cross_attention 'true'")]
    [InlineData("n_head", "5", "TITER416", "n_embd 24 cannot be split into n_head 5")]
    [InlineData("n_head", "0", "TITER416", "a size is not positive")]
    [InlineData("n_layer", "3", "TITER417", "lacks 12 tensors, for example 'transformer.h.2.ln_1.weight'")]
    [InlineData("n_layer", "1", "TITER417", "the tensor 'transformer.h.1.ln_1.weight', which the model of its config.json does not have")]
    [InlineData("n_inner", "50", "TITER417", "'transformer.h.0.mlp.c_fc.weight' has shape [24, 96] where config.json asks for [24, 50]")]
    [InlineData("n_embd", "\"wide\"", "TITER415", "not a model configuration")]
    public void What_does_not_fit_is_named(string key, string value, string code, string expected)
    {
        using var model = TinyGpt2.Model();
        using var folder = new TestFolder();
        CheckpointWriter.Write(model, folder.Path);
        var config = JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!;
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());

        var fault = Assert.Throws<CheckpointException>(() => CheckpointReader.Read(folder.Path, Fixtures.Cpu()));

        Assert.StartsWith(code, fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_a_configuration_leaves_out_have_their_defaults()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("config.json"),
            """{"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12, "n_ctx": 1024, "resid_pdrop": 0.1}""");

        var config = (Gpt2Config)Architectures.In(folder.Path);

        Assert.Equal((1024, 3072, "gelu_new", 1e-5, true),
            (config.Positions, config.InnerSize, config.ActivationFunction, config.LayerNormEpsilon, config.TieWordEmbeddings));
        Assert.Equal(124_439_808, config.Layout().Sum(l => l.Shape.Aggregate(1L, (a, b) => a * b)));
    }
}
