using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Titer.Models.Checkpoints;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Tests.Families;

/// <summary>
/// Families against <c>golden.py</c>: their published architectures once more, in plain float64 by the standard library of Python, which shares
/// nothing with the code under test. <c>golden.json</c> is what it wrote, to 12 digits behind the point.
/// </summary>
public sealed class FamilyGoldenTests
{
    private static readonly JsonObject Golden = JsonNode.Parse(
        File.ReadAllText(Path.Combine(TestRepository.Root, "tests", "Titer.Models.Tests", "Families", "golden.json")))!.AsObject();

    public static TheoryData<string> Cases => [.. Golden["cases"]!.AsObject().Select(c => c.Key)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits_equal_those_of_an_independent_implementation(string name)
    {
        var golden = Golden["cases"]![name]!;
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var model = Open(golden["config"]!.AsObject());
        long[] ids = [.. Golden["ids"]!.AsArray().Select(i => i!.GetValue<long>())];
        var expected = golden["logits"]!.AsArray().SelectMany(row => row!.AsArray().Select(v => v!.GetValue<double>())).ToArray();

        foreach (var plain in new[] { false, true })
        {
            model.PlainAttention = plain;
            var logits = model.Forward(Tiny.Ids(ids))[0].reshape(-1).data<double>().ToArray();
            Assert.All(expected.Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void In_16_bits_they_are_the_same_but_for_rounding(string name)
    {
        var golden = Golden["cases"]![name]!;
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var model = Open(golden["config"]!.AsObject(), ScalarType.BFloat16);
        var expected = torch.tensor(golden["logits"]!.AsArray().SelectMany(row => row!.AsArray().Select(v => v!.GetValue<double>())).ToArray());

        var logits = model.Forward(Tiny.Ids([.. Golden["ids"]!.AsArray().Select(i => i!.GetValue<long>())]))[0];

        Assert.Equal(ScalarType.BFloat16, logits.dtype);
        Assert.InRange(((logits.to(ScalarType.Float64).reshape(-1) - expected).norm() / expected.norm()).item<double>(), 1e-4, 0.03);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tensors_have_the_names_and_shapes_of_published_checkpoints(string name)
    {
        var shapes = Golden["cases"]![name]!["shapes"]!.AsObject().ToDictionary(s => s.Key, s => s.Value!.ToJsonString());

        using var model = Open(Golden["cases"]![name]!["config"]!.AsObject());

        Assert.Equal(shapes.OrderBy(s => s.Key, StringComparer.Ordinal),
            model.Parameters.Select(p => KeyValuePair.Create(p.Name, $"[{string.Join(',', p.Tensor.shape)}]"))
                .OrderBy(p => p.Key, StringComparer.Ordinal));
    }

    [Theory]
    // Each setting changes what is computed: with another one the golden values would not come out.
    [InlineData("gemma2", "attn_logit_softcapping", "1.5")]
    [InlineData("gemma2", "final_logit_softcapping", "null")]
    [InlineData("gemma2", "query_pre_attn_scalar", "16")]
    [InlineData("gemma2", "sliding_window", "5")]
    [InlineData("gemma2", "hidden_activation", "\"gelu\"")]
    [InlineData("gemma3", "rope_local_base_freq", "10000")]
    [InlineData("gemma3", "sliding_window_pattern", "2")]
    [InlineData("gemma3", "rope_scaling", "null")]
    [InlineData("phi3", "sliding_window", "null")]
    [InlineData("phi3-long", "partial_rotary_factor", "1", "\"short_factor\":[1,1,1,1]")]
    [InlineData("phi3-long", "original_max_position_embeddings", "15")]
    [InlineData("phi4", "rope_theta", "10000")]
    [InlineData("olmo2", "rms_norm_eps", "0.1")]
    public void A_setting_of_a_family_is_not_read_past(string name, string key, string value, string rope = "")
    {
        var config = Golden["cases"]![name]!["config"]!.DeepClone().AsObject();
        config[key] = JsonNode.Parse(value);
        if (rope.Length > 0) config["rope_scaling"]!["short_factor"] = JsonNode.Parse($"{{{rope}}}")!["short_factor"]!.DeepClone();
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var model = Open(config);
        long[] ids = [.. Golden["ids"]!.AsArray().Select(i => i!.GetValue<long>())];

        var last = model.Forward(Tiny.Ids(ids))[0, ids.Length - 1].data<double>().ToArray();

        var expected = Golden["cases"]![name]!["logits"]!.AsArray()[^1]!.AsArray().Select(v => v!.GetValue<double>());
        Assert.Contains(expected.Zip(last), pair => Math.Abs(pair.First - pair.Second) > 1e-6);
    }

    /// <summary>The same function in the other spelling of its configuration.</summary>
    [Fact]
    public void Newer_files_name_the_two_ropes_of_Gemma_3_by_kind_of_block()
    {
        var golden = Golden["cases"]!["gemma3"]!;
        var config = golden["config"]!.DeepClone().AsObject();
        foreach (var key in (string[])["rope_theta", "rope_local_base_freq", "rope_scaling", "sliding_window_pattern"]) config.Remove(key);
        config["rope_parameters"] = JsonNode.Parse("""
            {"full_attention":{"rope_type":"linear","factor":8.0,"rope_theta":1000000.0},"sliding_attention":{"rope_type":"default","rope_theta":100.0}}
            """);
        config["layer_types"] = JsonNode.Parse("""["sliding_attention","sliding_attention","full_attention","sliding_attention"]""");
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var model = Open(config);

        var last = model.Forward(Tiny.Ids([.. Golden["ids"]!.AsArray().Select(i => i!.GetValue<long>())]))[0, 8].data<double>().ToArray();

        Assert.All(golden["logits"]!.AsArray()[8]!.AsArray().Zip(last), p => Assert.Equal(p.First!.GetValue<double>(), p.Second, 1e-10));
    }

    /// <summary>A model of the configuration with weights by the rule of golden.py.</summary>
    internal static CausalLanguageModel Open(JsonObject config, ScalarType type = ScalarType.Float64)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        var model = Architectures.In(folder.Path).Open(DeviceSelection.Open("cpu", type));
        using var noGrad = torch.no_grad();
        var isGemma = config["model_type"]!.GetValue<string>().StartsWith("gemma", StringComparison.Ordinal);
        foreach (var (name, tensor) in model.Parameters)
        {
            using var drawn = torch.tensor(Values(name, tensor.numel())).view(tensor.shape);
            tensor.copy_(!name.EndsWith("norm.weight", StringComparison.Ordinal) ? drawn * 0.5 : isGemma ? drawn * 0.3 : drawn * 0.3 + 1);
        }

        return model;
    }

    private static double[] Values(string name, long count)
    {
        var state = 0x811C9DC5u;
        foreach (var b in Encoding.UTF8.GetBytes(name)) state = unchecked((state ^ b) * 0x01000193u);
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            state = unchecked(1664525u * state + 1013904223u);
            values[i] = state / 2147483648.0 - 1;
        }

        return values;
    }
}
