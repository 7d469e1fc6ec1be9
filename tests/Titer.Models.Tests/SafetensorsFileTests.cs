using System.Buffers.Binary;
using System.Text;
using Titer.Models.Checkpoints;
using Titer.Models.Llama;
using TorchSharp;

namespace Titer.Models.Tests;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", 0, "TITER411")]
    [InlineData("[]", 0, "not a JSON object")]
    [InlineData("{", 0, "not JSON")]
    [InlineData("""{"a":1}""", 0, "lacks dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "lacks dtype, shape or data_offsets")]
    [InlineData("""{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,8]}}""", 8, "TITER412")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "4 bytes where its shape needs 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "not a whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "not a whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775807,4]}}""", 4, "bytes where its shape needs")]
    public void A_malformed_file_is_a_typed_error_that_says_what_is_wrong(string header, int dataBytes, string expected)
    {
        var file = Write(header, (ulong)header.Length, dataBytes);

        var e = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(file));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200_000_000UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1000UL)]
    public void A_header_length_that_lies_is_not_believed(ulong claimed)
    {
        var file = Write("{}", claimed, 0);

        Assert.Contains("its header claims", Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_never_gets_past_the_typed_error()
    {
        var good = File.ReadAllBytes(Write("""{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}""", null, 24));
        var random = new Random(11);
        for (var trial = 0; trial < 2000; trial++)
        {
            var bytes = good.ToArray();
            for (var i = 0; i < 1 + trial % 4; i++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var file = Path.Combine(_folder, "damaged");
            File.WriteAllBytes(file, bytes[..random.Next(bytes.Length + 1)]);
            try
            {
                using var opened = SafetensorsFile.Open(file);
                foreach (var tensor in opened.Tensors) opened.ReadSingles(tensor);
            }
            catch (CheckpointException)
            {
                // The only way out that is allowed.
            }
        }
    }

    [Fact]
    public void A_checkpoint_survives_writing_and_reading_bit_by_bit()
    {
        using var model = Tiny.Model();
        CheckpointWriter.Write(model, _folder);

        using var read = (LlamaModel)CheckpointReader.Read(_folder, DeviceSelection.Open("cpu"));

        Assert.Equal(model.Arena.Flat.data<float>().ToArray(), read.Arena.Flat.data<float>().ToArray());
        Assert.Equal(model.Config.HiddenSize, read.Config.HiddenSize);
        Assert.Null(WeightsCheck.Compare(_folder, Path.Combine(_folder, "model.safetensors")));
    }

    [Fact]
    public void Weights_that_differ_from_the_subject_are_named()
    {
        using var model = Tiny.Model();
        CheckpointWriter.Write(model, _folder);
        var weights = Path.Combine(_folder, "other.safetensors");
        using (torch.no_grad()) model.Arena["model.layers.1.mlp.up_proj.weight"].view(-1)[3] = float.NaN;
        CheckpointWriter.WriteWeights(model, weights);

        Assert.Equal("'model.layers.1.mlp.up_proj.weight' has 1 values that are not finite (NaN or infinite).",
            WeightsCheck.Compare(_folder, weights));

        using var wider = Tiny.Model(1, Tiny.Config with { IntermediateSize = 40 });
        CheckpointWriter.WriteWeights(wider, weights);
        Assert.Contains("has shape [40, 24], the subject's has [32, 24]", WeightsCheck.Compare(_folder, weights), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_type", "\"gpt_neox\"", "TITER416", "model_type 'gpt_neox' is not supported")]
    [InlineData("hidden_act", "\"relu\"", "TITER416", "hidden_act 'relu' is not supported")]
    [InlineData("rope_scaling", "{ \"type\": \"yarn\" }", "TITER416", "rope_type 'yarn' is not supported")]
    [InlineData("num_hidden_layers", "3", "TITER417", "lacks 9 tensors, for example 'model.layers.2.")]
    [InlineData("num_hidden_layers", "1", "TITER417", "which the model of its config.json does not have")]
    [InlineData("hidden_size", "\"wide\"", "TITER415", "not a model configuration")]
    public void A_configuration_that_does_not_fit_is_named(string key, string value, string code, string expected)
    {
        using var model = Tiny.Model();
        CheckpointWriter.Write(model, _folder);
        var path = Path.Combine(_folder, "config.json");
        var config = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
        config[key] = System.Text.Json.Nodes.JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());

        var e = Assert.Throws<CheckpointException>(() => CheckpointReader.Read(_folder, DeviceSelection.Open("cpu")));

        Assert.StartsWith(code, e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    private string Write(string header, ulong? claimed, int dataBytes)
    {
        var file = Path.Combine(_folder, "file");
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(header) + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed ?? (ulong)header.Length);
        Encoding.UTF8.GetBytes(header, bytes.AsSpan(8));
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
