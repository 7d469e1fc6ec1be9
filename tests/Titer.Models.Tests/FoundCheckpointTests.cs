using System.Text;
using System.Text.Json.Nodes;
using Titer.Models.Checkpoints;
using Titer.Models.Gpt2;
using Titer.Models.Llama;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>Checkpoint folders as they lie around: what Transformers would read is read, everything else
/// is refused in plain words with the way out.</summary>
public sealed class FoundCheckpointTests : IDisposable
{
    private const string Pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    private readonly TestFolder _folder = new();

    public FoundCheckpointTests()
    {
        using var model = Tiny.Model();
        CheckpointWriter.Write(model, _folder.Path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_file_beside_the_shards_of_an_older_save_is_what_is_read()
    {
        File.WriteAllText(At("model.safetensors.index.json"), """{"weight_map":{"model.norm.weight":"model-00001-of-00001.safetensors"}}""");
        File.WriteAllText(At("model-00001-of-00001.safetensors"), "of another save");
        using var expected = Tiny.Model();
        using var model = Read();

        Assert.True(Same(expected.Arena.Flat, model.Arena.Flat));
    }

    [Theory]
    [InlineData("pytorch_model.bin", "a pickle")]
    [InlineData("pytorch_model-00001-of-00002.bin", "a pickle")]
    [InlineData("consolidated.00.pth", "a pickle")]
    [InlineData("model-q4.gguf", "llama.cpp")]
    [InlineData("adapter_model.safetensors", "an adapter and no model")]
    [InlineData("tf_model.h5", "TensorFlow or Flax")]
    [InlineData("model.fp16.safetensors", "Rename it")]
    [InlineData("training_args.bin", "has neither model.safetensors nor")]
    public void What_lies_in_place_of_the_weights_is_said_with_the_way_out(string file, string fact)
    {
        File.Move(At("model.safetensors"), At(file));

        AssertRefused("TITER413", fact);
    }

    [Fact]
    public void A_shard_that_the_index_names_and_nobody_downloaded_is_named()
    {
        File.Delete(At("model.safetensors"));
        File.WriteAllText(At("model.safetensors.index.json"), """{"weight_map":{"model.norm.weight":"model-00001-of-00001.safetensors"}}""");

        AssertRefused("TITER414", "'model-00001-of-00001.safetensors'");
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    [InlineData("model.safetensors.index.json")]
    public void A_Git_LFS_pointer_is_called_one(string file)
    {
        if (file.EndsWith(".index.json", StringComparison.Ordinal)) File.Delete(At("model.safetensors"));
        File.WriteAllText(At(file), Pointer);

        AssertRefused("TITER420", "git lfs pull");
    }

    [Fact]
    public void A_byte_order_mark_before_the_configuration_is_no_fault()
    {
        var text = File.ReadAllText(At("config.json"));
        foreach (var encoding in (Encoding[])[new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            File.WriteAllBytes(At("config.json"), [.. encoding.Preamble, .. encoding.GetBytes(text)]);
            using var model = Read();
            Assert.Equal(Tiny.Config.VocabSize, model.Shape.Vocabulary);
        }
    }

    [Theory]
    [InlineData("""{"quant_method":"awq","bits":4}""", "quantized (awq)")]
    [InlineData("""{"load_in_8bit":true}""", "quantized:")]
    [InlineData("""{"quant_method":"fp8"}""", "quantized (fp8)")]
    public void A_quantized_checkpoint_is_called_that(string settings, string fact)
    {
        Config(config => config["quantization_config"] = JsonNode.Parse(settings));

        AssertRefused("TITER421", fact);
        AssertRefused("TITER421", "dequantize");
    }

    [Fact]
    public void An_older_quantized_checkpoint_says_so_beside_its_configuration_or_by_its_tensors()
    {
        File.WriteAllText(At("quantize_config.json"), """{"bits":4,"group_size":128}""");
        AssertRefused("TITER421", "quantize_config.json");

        File.Delete(At("quantize_config.json"));
        Tensors((name, type, shape, bytes) =>
            name.EndsWith("0.mlp.up_proj.weight", StringComparison.Ordinal)
                ? (name.Replace("weight", "qweight", StringComparison.Ordinal), "I32", shape, bytes)
                : (name, type, shape, bytes));
        AssertRefused("TITER421", "mlp.up_proj.qweight");
    }

    [Fact]
    public void A_weight_of_one_byte_values_is_of_a_quantized_checkpoint()
    {
        Tensors((name, type, shape, bytes) =>
            name == "model.norm.weight" ? (name, "I8", shape, bytes[..(bytes.Length / 4)]) : (name, type, shape, bytes));

        AssertRefused("TITER421", "'model.norm.weight' is of type I8");
    }

    [Theory]
    [InlineData("model.position_ids", "I64", 8)]
    [InlineData("model.layers.0.self_attn.bias", "U8", 1)]
    [InlineData("model.layers.1.self_attn.masked_bias", "F64", 8)]
    public void A_leftover_buffer_of_whole_numbers_is_left_out_as_Transformers_does(string name, string type, int width)
    {
        Tensors((own, t, shape, bytes) => (own, t, shape, bytes), (name, type, [3], new byte[3 * width]));
        using var expected = Tiny.Model();
        using var model = Read();

        Assert.True(Same(expected.Arena.Flat, model.Arena.Flat));
        // A defended model is held against the subject without it.
        CheckpointWriter.WriteWeights(model, At("defended.safetensors"), _folder.Path);
        Assert.Null(WeightsCheck.Compare(_folder.Path, At("defended.safetensors")));
    }

    [Fact]
    public void A_leftover_weight_is_still_refused_and_a_type_that_nobody_trains_in_is_named()
    {
        Tensors((own, t, shape, bytes) => (own, t, shape, bytes), ("model.extra.weight", "F32", [2], new byte[8]));
        AssertRefused("TITER417", "model.extra.weight");

        Tensors((own, t, shape, bytes) =>
            own == "model.extra.weight"
                ? null
                : own == "model.norm.weight" ? (own, "F64", shape, new byte[bytes.Length * 2]) : (own, t, shape, bytes));
        AssertRefused("TITER412", "'model.norm.weight' has dtype F64");
    }

    [Fact]
    public void Weights_that_ZeRO_did_not_gather_are_called_empty()
    {
        Tensors((own, t, shape, bytes) => own == "model.norm.weight" ? (own, t, [0], []) : (own, t, shape, bytes));

        AssertRefused("TITER417", "ZeRO-3");
    }

    [Theory]
    [InlineData(float.NaN, "model.norm.weight")]
    [InlineData(float.PositiveInfinity, "model.embed_tokens.weight")]
    [InlineData(float.NegativeInfinity, "model.layers.1.mlp.down_proj.weight")]
    public void A_weight_that_is_not_finite_is_said_when_the_subject_is_loaded(float value, string weight)
    {
        Tensors((own, t, shape, bytes) =>
        {
            if (own == weight) BitConverter.TryWriteBytes(bytes.AsSpan(4), value);
            return (own, t, shape, bytes);
        });

        AssertRefused("TITER422", $"'{weight}' has 1 values that are not finite");
        // What a defense made is judged elsewhere, as its own.
        File.Copy(At("model.safetensors"), At("defended.safetensors"));
        CheckpointReader.Read(_folder.Path, DeviceSelection.Open("cpu"), At("defended.safetensors")).Dispose();
    }

    [Theory]
    [InlineData("""{"rope_type":"longrope","factor":2}""", """{"rope_type":"default","rope_theta":10000}""", "longrope")]
    [InlineData("""{"rope_type":"default"}""", """{"rope_type":"default","rope_theta":500000}""", "rope_theta 500000")]
    public void Rope_scaling_wins_beside_rope_parameters_and_is_never_dropped(string scaling, string parameters, string fact)
    {
        Config(config => (config["rope_scaling"], config["rope_parameters"]) = (JsonNode.Parse(scaling), JsonNode.Parse(parameters)));

        AssertRefused("TITER416", fact);
    }

    [Theory]
    [InlineData("{}", 4)]
    [InlineData("null", 4)]
    [InlineData("""{"type":"linear","factor":2}""", 2)]
    public void An_empty_rope_scaling_leaves_it_to_rope_parameters(string scaling, double factor)
    {
        Config(config => (config["rope_scaling"], config["rope_parameters"]) = (JsonNode.Parse(scaling),
            JsonNode.Parse("""{"rope_type":"linear","factor":4}""")));

        Assert.Equal(factor, ((LlamaConfig)Architectures.In(_folder.Path)).Rope!.Factor);
    }

    [Fact]
    public void An_activation_has_all_names_that_it_has_in_Transformers()
    {
        using var plain = Read();
        Config(config => config["hidden_act"] = "swish");
        using var other = Read();
        var ids = Tiny.Ids([1, 5, 9]);
        Assert.True(Same(plain.Forward(ids), other.Forward(ids)));

        var x = torch.linspace(-3, 3, 13);
        Assert.True(torch.allclose(torch.nn.functional.silu(x), Mlp.Activation.Apply("swish", x)));
        Assert.True(torch.allclose(Mlp.Activation.Apply("gelu_new", x), Mlp.Activation.Apply("gelu_pytorch_tanh", x)));
        // x times half of one plus tanh(sqrt(2/pi) (x + 0.044715 x^3)) at one.
        Assert.Equal(0.8411920, Mlp.Activation.Apply("gelu_fast", torch.ones(1)).item<float>(), 1e-5);
    }

    [Fact]
    public void An_adapter_that_is_empty_or_not_finite_is_called_that()
    {
        var adapter = Directory.CreateDirectory(At("adapter")).FullName;
        using (var model = Read())
        using (var lora = LoraAdapter.Attach(model, [(model.Projections[0], 2, 1.0)]))
            PeftAdapterWriter.Write(lora, adapter, "base");
        using var subject = Read();
        string Refusal() => Assert.Throws<CheckpointException>(() => PeftAdapterReader.Read(subject, adapter)).Message;

        Tensors(Path.Combine("adapter", "adapter_model.safetensors"), (name, type, shape, bytes) =>
        {
            BitConverter.TryWriteBytes(bytes, float.NaN);
            return (name, type, shape, bytes);
        });
        Assert.StartsWith("TITER422", Refusal(), StringComparison.Ordinal);
        Tensors(Path.Combine("adapter", "adapter_model.safetensors"), (name, type, shape, bytes) => (name, type, [0], []));
        Assert.Matches("^TITER419 .* is empty .*ZeRO-3", Refusal());
    }

    private static bool Same(Tensor one, Tensor other) => one.eq(other).all().item<bool>();

    private string At(string name) => Path.Combine(_folder.Path, name);

    private Sdk.Models.CausalLanguageModel Read() => CheckpointReader.Read(_folder.Path, DeviceSelection.Open("cpu"));

    private void Config(Action<JsonObject> edit)
    {
        var config = JsonNode.Parse(File.ReadAllText(At("config.json")))!.AsObject();
        edit(config);
        File.WriteAllText(At("config.json"), config.ToJsonString());
    }

    /// <summary>Writes the weights again, each tensor as the edit says; null leaves one out.</summary>
    private void Tensors(Func<string, string, long[], byte[], (string Name, string Type, long[] Shape, byte[] Bytes)?> edit,
        params (string Name, string Type, long[] Shape, byte[] Bytes)[] more) =>
        Tensors("model.safetensors", edit, more);

    private void Tensors(string path, Func<string, string, long[], byte[], (string Name, string Type, long[] Shape, byte[] Bytes)?> edit,
        params (string Name, string Type, long[] Shape, byte[] Bytes)[] more)
    {
        var tensors = new List<(string Name, string Type, long[] Shape, byte[] Bytes)>();
        using (var file = SafetensorsFile.Open(At(path)))
            foreach (var entry in file.Tensors)
                if (edit(entry.Name, entry.TypeName, entry.Shape, file.ReadBytes(entry)) is { } kept) tensors.Add(kept);
        var header = new JsonObject();
        var at = 0L;
        foreach (var (name, type, shape, bytes) in tensors.Concat(more))
        {
            header[name] = new JsonObject { ["dtype"] = type, ["shape"] = new JsonArray([.. shape.Select(s => (JsonNode)s)]),
                ["data_offsets"] = new JsonArray(at, at + bytes.Length) };
            at += bytes.Length;
        }

        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(At(path), [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. tensors.Concat(more).SelectMany(t => t.Bytes)]);
    }

    private void AssertRefused(string code, string fact)
    {
        var message = Assert.Throws<CheckpointException>(() => Read().Dispose()).Message;
        Assert.StartsWith(code, message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }
}
