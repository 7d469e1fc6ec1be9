using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Models.Checkpoints;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Llama;

/// <summary>
/// The part of a Hugging Face <c>config.json</c> that the Llama family needs: <c>llama</c>, <c>mistral</c> (a sliding window), <c>qwen2</c> (biases
/// on queries, keys and values) and <c>qwen3</c> (norms of queries and keys).
/// </summary>
/// <remarks>Setters, not init: generated deserializers overwrite the default of an init-only property that the file leaves out.</remarks>
public sealed record LlamaConfig : IArchitecture
{
    public string ModelType { get; set; } = "llama";

    public IReadOnlyList<string> Architectures { get; set; } = ["LlamaForCausalLM"];

    public required int VocabSize { get; init; }

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    /// <summary>Null means one per attention head.</summary>
    public int? NumKeyValueHeads { get; set; }

    /// <summary>Null means hidden size / heads.</summary>
    public int? HeadDim { get; set; }

    public int MaxPositionEmbeddings { get; set; } = 2048;

    public string HiddenAct { get; set; } = "silu";

    public double RmsNormEps { get; set; } = 1e-6;

    public double RopeTheta { get; set; } = 10000;

    public RopeSettings? RopeScaling { get; set; }

    /// <summary>The newer place of rope_theta and rope_scaling.</summary>
    public RopeSettings? RopeParameters { get; set; }

    /// <summary>Tokens that a position sees, itself included; null means all before it.</summary>
    public int? SlidingWindow { get; set; }

    /// <summary>qwen: whether sliding_window counts.</summary>
    public bool? UseSlidingWindow { get; set; }

    /// <summary>qwen: blocks before this one see everything.</summary>
    public int? MaxWindowLayers { get; set; }

    /// <summary><c>full_attention</c> or <c>sliding_attention</c> by block; null derives them from the settings above.</summary>
    public IReadOnlyList<string>? LayerTypes { get; set; }

    public bool AttentionBias { get; set; }

    public bool MlpBias { get; set; }

    public bool TieWordEmbeddings { get; set; }

    public double InitializerRange { get; set; } = 0.02;

    public int? BosTokenId { get; set; }

    /// <summary>One id, or a list of them.</summary>
    [JsonConverter(typeof(TokenIds))]
    public IReadOnlyList<int>? EosTokenId { get; set; }

    public string TorchDtype { get; set; } = "float32";

    [JsonIgnore]
    public int KeyValueHeads => NumKeyValueHeads ?? NumAttentionHeads;

    [JsonIgnore]
    public int HeadSize => HeadDim ?? HiddenSize / NumAttentionHeads;

    [JsonIgnore]
    internal RopeSettings? Rope => Scaling ?? RopeParameters;

    [JsonIgnore]
    internal double Theta => Rope?.RopeTheta ?? RopeTheta;

    /// <summary>An empty block is none. Where both blocks are, this one wins, as it does in Transformers.</summary>
    private RopeSettings? Scaling => RopeScaling == new RopeSettings() ? null : RopeScaling;

    /// <summary>qwen2 has biases on queries, keys and values alone.</summary>
    [JsonIgnore]
    internal bool QueryKeyValueBias => AttentionBias || ModelType == "qwen2";

    [JsonIgnore]
    internal bool QueryKeyNorm => ModelType == "qwen3";

    /// <summary>The block's window; null when it sees everything.</summary>
    internal int? WindowOf(int block) => LayerTypes is { } types ? (types[block] == "sliding_attention" ? SlidingWindow : null)
        : ModelType == "mistral" ? SlidingWindow
        : UseSlidingWindow == true && block >= (MaxWindowLayers ?? 0) ? SlidingWindow
        : null;

    /// <summary>The window of blocks that have one; null when none has.</summary>
    [JsonIgnore]
    internal int? Window => Enumerable.Range(0, NumHiddenLayers).Select(WindowOf).FirstOrDefault(w => w is not null);

    ModelShape IArchitecture.ToShape() => ToShape();

    internal ModelShape ToShape() => new()
    {
        Blocks = NumHiddenLayers,
        Hidden = HiddenSize,
        Vocabulary = VocabSize,
        MaxLength = MaxPositionEmbeddings,
    };

    CausalLanguageModel IArchitecture.Open(DeviceContext device, Tensor? weights) => new LlamaModel(this, device, weights);

    IReadOnlyList<(string Name, long[] Shape)> IArchitecture.Layout() => Layout();

    /// <summary>Some exports repeat a tied head or ship the rotary frequencies; both are derived here.</summary>
    string? IArchitecture.Canonical(string tensor) =>
        (TieWordEmbeddings && tensor == "lm_head.weight") || tensor.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) ? null : tensor;

    IReadOnlyList<(string Key, string Value)> IArchitecture.Function() =>
    [
        ("num_attention_heads", $"{NumAttentionHeads}"),
        ("num_key_value_heads", $"{KeyValueHeads}"),
        ("head_dim", $"{HeadSize}"),
        ("rms_norm_eps", FormattableString.Invariant($"{RmsNormEps:R}")),
        ("rope_theta", FormattableString.Invariant($"{Theta:R}")),
        ("rope_scaling", Rope?.Function ?? RopeSettings.Plain),
        ("sliding_window", string.Join(' ', Enumerable.Range(0, NumHiddenLayers).Select(i => WindowOf(i) is { } window ? $"{window}" : "none"))),
    ];

    byte[] IArchitecture.ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, LlamaConfigJson.Default.LlamaConfig);

    /// <summary>Names and shapes of all weights, in arena order.</summary>
    internal IReadOnlyList<(string Name, long[] Shape)> Layout()
    {
        var (query, keyValue) = (NumAttentionHeads * HeadSize, KeyValueHeads * HeadSize);
        var layout = new List<(string, long[])> { ("model.embed_tokens.weight", [VocabSize, HiddenSize]) };
        for (var i = 0; i < NumHiddenLayers; i++)
        {
            var block = $"model.layers.{i}.";
            layout.Add((block + "input_layernorm.weight", [HiddenSize]));
            Linear(block + "self_attn.q_proj", query, HiddenSize, QueryKeyValueBias);
            Linear(block + "self_attn.k_proj", keyValue, HiddenSize, QueryKeyValueBias);
            Linear(block + "self_attn.v_proj", keyValue, HiddenSize, QueryKeyValueBias);
            Linear(block + "self_attn.o_proj", HiddenSize, query, AttentionBias);
            if (QueryKeyNorm)
            {
                layout.Add((block + "self_attn.q_norm.weight", [HeadSize]));
                layout.Add((block + "self_attn.k_norm.weight", [HeadSize]));
            }

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

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LlamaConfig))]
internal sealed partial class LlamaConfigJson : JsonSerializerContext;
