using System.Text.Json.Serialization;
using Titer.Sdk.Models;

namespace Titer.Models.Llama;

/// <summary>The part of a Hugging Face <c>config.json</c> that a Llama needs.</summary>
public sealed record LlamaConfig
{
    public string ModelType { get; init; } = "llama";

    public IReadOnlyList<string> Architectures { get; init; } = ["LlamaForCausalLM"];

    public required int VocabSize { get; init; }

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    /// <summary>Null means one per attention head.</summary>
    public int? NumKeyValueHeads { get; init; }

    /// <summary>Null means hidden size / heads.</summary>
    public int? HeadDim { get; init; }

    public int MaxPositionEmbeddings { get; init; } = 2048;

    public string HiddenAct { get; init; } = "silu";

    public double RmsNormEps { get; init; } = 1e-6;

    public double RopeTheta { get; init; } = 10000;

    public System.Text.Json.JsonElement? RopeScaling { get; init; }

    /// <summary>The newer spelling of rope_theta and rope_scaling; read only to be refused.</summary>
    public System.Text.Json.JsonElement? RopeParameters { get; init; }

    public bool AttentionBias { get; init; }

    public bool MlpBias { get; init; }

    public bool TieWordEmbeddings { get; init; }

    public double InitializerRange { get; init; } = 0.02;

    public int? BosTokenId { get; init; }

    public int? EosTokenId { get; init; }

    public string TorchDtype { get; init; } = "float32";

    [JsonIgnore]
    public int KeyValueHeads => NumKeyValueHeads ?? NumAttentionHeads;

    [JsonIgnore]
    public int HeadSize => HeadDim ?? HiddenSize / NumAttentionHeads;

    internal ModelShape ToShape() => new()
    {
        Blocks = NumHiddenLayers,
        Hidden = HiddenSize,
        Vocabulary = VocabSize,
        MaxLength = MaxPositionEmbeddings,
    };

    /// <summary>Names and shapes of all weights, in arena order.</summary>
    internal IReadOnlyList<(string Name, long[] Shape)> Layout()
    {
        var (query, keyValue) = (NumAttentionHeads * HeadSize, KeyValueHeads * HeadSize);
        var layout = new List<(string, long[])> { ("model.embed_tokens.weight", [VocabSize, HiddenSize]) };
        for (var i = 0; i < NumHiddenLayers; i++)
        {
            var block = $"model.layers.{i}.";
            layout.Add((block + "input_layernorm.weight", [HiddenSize]));
            Linear(block + "self_attn.q_proj", query, HiddenSize, AttentionBias);
            Linear(block + "self_attn.k_proj", keyValue, HiddenSize, AttentionBias);
            Linear(block + "self_attn.v_proj", keyValue, HiddenSize, AttentionBias);
            Linear(block + "self_attn.o_proj", HiddenSize, query, AttentionBias);
            layout.Add((block + "post_attention_layernorm.weight", [HiddenSize]));
            Linear(block + "mlp.gate_proj", IntermediateSize, HiddenSize, MlpBias);
            Linear(block + "mlp.up_proj", IntermediateSize, HiddenSize, MlpBias);
            Linear(block + "mlp.down_proj", HiddenSize, IntermediateSize, MlpBias);
        }

        layout.Add(("model.norm.weight", [HiddenSize]));
        if (!TieWordEmbeddings) layout.Add(("lm_head.weight", [VocabSize, HiddenSize]));
        return layout;

        void Linear(string name, long output, long input, bool bias)
        {
            layout.Add((name + ".weight", [output, input]));
            if (bias) layout.Add((name + ".bias", [output]));
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(LlamaConfig))]
internal sealed partial class LlamaConfigJson : JsonSerializerContext;
