using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Models.Checkpoints;
using Titer.Models.Memory;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Gpt2;

/// <summary>The part of a Hugging Face <c>config.json</c> that GPT-2 needs.</summary>
/// <remarks>Setters, not init: generated deserializers overwrite the default of an init-only property that the file leaves out.</remarks>
public sealed record Gpt2Config : IArchitecture
{
    private const string Prefix = "transformer.";

    public string ModelType { get; set; } = "gpt2";

    public IReadOnlyList<string> Architectures { get; set; } = ["GPT2LMHeadModel"];

    public required int VocabSize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    [JsonPropertyName("n_embd")]
    public required int Hidden { get; init; }

    [JsonPropertyName("n_layer")]
    public required int Blocks { get; init; }

    [JsonPropertyName("n_head")]
    public required int Heads { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    [JsonPropertyName("n_positions")]
    public int Positions { get; set; } = 1024;

    /// <summary>Width of the MLP; null means four times the residual stream's.</summary>
    [JsonPropertyName("n_inner")]
    public int? Inner { get; set; }

    public string ActivationFunction { get; set; } = "gelu_new";

    public double LayerNormEpsilon { get; set; } = 1e-5;

    public bool ScaleAttnWeights { get; set; } = true;

    /// <summary>Scores of block i are divided by i + 1 as well.</summary>
    public bool ScaleAttnByInverseLayerIdx { get; set; }

    /// <summary>The same scores in float32, which is what the fused kernel does anyway.</summary>
    public bool ReorderAndUpcastAttn { get; set; }

    public bool AddCrossAttention { get; set; }

    public bool TieWordEmbeddings { get; set; } = true;

    public double InitializerRange { get; set; } = 0.02;

    public int? BosTokenId { get; set; }

    /// <summary>One id, or a list of them.</summary>
    [JsonConverter(typeof(TokenIds))]
    public IReadOnlyList<int>? EosTokenId { get; set; }

    public string TorchDtype { get; set; } = "float32";

    [JsonIgnore]
    internal int InnerSize => Inner ?? 4 * Hidden;

    ModelDimensions IArchitecture.Dimensions() => ModelDimensions.Of(Layout(), "transformer.h.0.", isTransposed: true, new ModelDimensions
    {
        Parameters = 0, Maps = [],
        Blocks = Blocks, Hidden = Hidden, Vocabulary = VocabSize, Inner = InnerSize, Queries = Hidden, Keys = Hidden, Heads = Heads,
        Normed = 2L * Hidden, IsTied = TieWordEmbeddings, InnerKept = ActivationFunction.StartsWith("gelu_", StringComparison.Ordinal) ? 7 : 2,
    });

    CausalLanguageModel IArchitecture.Open(DeviceContext device, Tensor? weights) => new Gpt2Model(this, device, weights);

    IReadOnlyList<(string Name, long[] Shape)> IArchitecture.Layout() => Layout();

    /// <summary>Checkpoints of the bare transformer have no prefix; older ones ship the causal mask; some repeat the tied head.</summary>
    string? IArchitecture.Canonical(string tensor)
    {
        if (tensor == "lm_head.weight") return TieWordEmbeddings ? null : tensor;
        if (tensor.EndsWith(".attn.bias", StringComparison.Ordinal) || tensor.EndsWith(".attn.masked_bias", StringComparison.Ordinal)) return null;
        return tensor.StartsWith(Prefix, StringComparison.Ordinal) ? tensor : Prefix + tensor;
    }

    IReadOnlyList<(string Key, string Value)> IArchitecture.Function() =>
    [
        ("n_head", $"{Heads}"),
        ("activation_function", ActivationFunction),
        ("layer_norm_epsilon", FormattableString.Invariant($"{LayerNormEpsilon:R}")),
        ("scale_attn_weights", $"{ScaleAttnWeights}"),
        ("scale_attn_by_inverse_layer_idx", $"{ScaleAttnByInverseLayerIdx}"),
    ];

    byte[] IArchitecture.ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Gpt2ConfigJson.Default.Gpt2Config);

    ModelShape IArchitecture.ToShape() => ToShape();

    internal ModelShape ToShape() => new() { Blocks = Blocks, Hidden = Hidden, Vocabulary = VocabSize, MaxLength = Positions };

    /// <summary>Names and shapes of all weights, in arena order. Linear maps are [in, out], as Hugging Face's Conv1D keeps them.</summary>
    internal IReadOnlyList<(string Name, long[] Shape)> Layout()
    {
        var layout = new List<(string, long[])> { (Prefix + "wte.weight", [VocabSize, Hidden]), (Prefix + "wpe.weight", [Positions, Hidden]) };
        for (var i = 0; i < Blocks; i++)
        {
            var block = $"{Prefix}h.{i}.";
            With(block + "ln_1", [Hidden]);
            With(block + "attn.c_attn", [Hidden, 3L * Hidden]);
            With(block + "attn.c_proj", [Hidden, Hidden]);
            With(block + "ln_2", [Hidden]);
            With(block + "mlp.c_fc", [Hidden, InnerSize]);
            With(block + "mlp.c_proj", [InnerSize, Hidden]);
        }

        With(Prefix + "ln_f", [Hidden]);
        if (!TieWordEmbeddings) layout.Add(("lm_head.weight", [VocabSize, Hidden]));
        return layout;

        void With(string module, long[] weight)
        {
            layout.Add((module + ".weight", weight));
            layout.Add((module + ".bias", [weight[^1]]));
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Gpt2Config))]
internal sealed partial class Gpt2ConfigJson : JsonSerializerContext;
