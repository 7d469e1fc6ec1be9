using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Models.Checkpoints;
using Titer.Models.Memory;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Llama;

/// <summary>
/// The part of a Hugging Face <c>config.json</c> that the Llama family needs: <c>llama</c>, <c>mistral</c> (a sliding window), <c>qwen2</c> (biases
/// on queries, keys and values), and what <see cref="LlamaFamily"/> has of <c>qwen3</c>, <c>phi3</c>, <c>olmo2</c>, <c>gemma2</c> and
/// <c>gemma3_text</c>.
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

    /// <summary>gemma: what counts in place of hidden_act.</summary>
    public string? HiddenActivation { get; set; }

    public double RmsNormEps { get; set; } = 1e-6;

    public double RopeTheta { get; set; } = 10000;

    public RopeSettings? RopeScaling { get; set; }

    /// <summary>The newer place of rope_theta and rope_scaling.</summary>
    public RopeSettings? RopeParameters { get; set; }

    /// <summary>gemma3: the base of blocks with a window.</summary>
    public double? RopeLocalBaseFreq { get; set; }

    /// <summary>phi3: the part of a head that turns; null means all of it.</summary>
    public double? PartialRotaryFactor { get; set; }

    /// <summary>phi3: the length before it was made longer.</summary>
    public double? OriginalMaxPositionEmbeddings { get; set; }

    /// <summary>gemma: scores are divided by its root; null means by that of the head size.</summary>
    public double? QueryPreAttnScalar { get; set; }

    /// <summary>gemma2: scores s become cap * tanh(s / cap); null means that they stay.</summary>
    public double? AttnLogitSoftcapping { get; set; }

    /// <summary>gemma2: the same of logits.</summary>
    public double? FinalLogitSoftcapping { get; set; }

    /// <summary>gemma3: every such block sees everything.</summary>
    public int? SlidingWindowPattern { get; set; }

    public bool? UseBidirectionalAttention { get; set; }

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
    internal LlamaFamily Family => LlamaFamily.Of(ModelType);

    [JsonIgnore]
    internal string Activation => HiddenActivation ?? HiddenAct;

    /// <summary>What scores are multiplied by.</summary>
    [JsonIgnore]
    internal double ScoreScale => 1 / Math.Sqrt(QueryPreAttnScalar ?? HeadSize);

    /// <summary>Of blocks that see everything, where others have settings of their own.</summary>
    [JsonIgnore]
    internal RopeSettings? Rope => Scaling ?? RopeParameters?.FullAttention ?? RopeParameters;

    [JsonIgnore]
    internal double Theta => Rope?.RopeTheta ?? RopeTheta;

    /// <summary>The base of blocks with a window.</summary>
    [JsonIgnore]
    internal double LocalTheta => RopeParameters?.SlidingAttention?.RopeTheta ?? RopeLocalBaseFreq ?? 10000;

    /// <summary>An empty block is none. Where both blocks are, this one wins, as it does in Transformers.</summary>
    private RopeSettings? Scaling => RopeScaling == new RopeSettings() ? null : RopeScaling;

    /// <summary>The length that the model was trained with before it was made longer, where that is computed up to there alone.</summary>
    [JsonIgnore]
    internal double? OriginalLength => Rope?.IsLongRope == true ? Rope.OriginalMaxPositionEmbeddings ?? OriginalMaxPositionEmbeddings : null;

    /// <summary>Dimensions of a head that turn.</summary>
    [JsonIgnore]
    internal int RotarySize => (int)(HeadSize * (Rope?.PartialRotaryFactor ?? PartialRotaryFactor ?? 1));

    /// <summary>qwen2 has biases on queries, keys and values alone.</summary>
    [JsonIgnore]
    internal bool QueryKeyValueBias => AttentionBias || ModelType == "qwen2";

    /// <summary>The block's window; null when it sees everything.</summary>
    internal int? WindowOf(int block) => LayerTypes is { } types ? (types[block] == "sliding_attention" ? SlidingWindow : null)
        : ModelType switch
        {
            "mistral" or "phi3" => SlidingWindow,
            "gemma2" => block % 2 == 0 ? SlidingWindow : null,
            "gemma3_text" => (block + 1) % (SlidingWindowPattern ?? 6) == 0 ? null : SlidingWindow,
            _ => UseSlidingWindow == true && block >= (MaxWindowLayers ?? 0) ? SlidingWindow : null,
        };

    /// <summary>The window of blocks that have one; null when none has.</summary>
    [JsonIgnore]
    internal int? Window => Enumerable.Range(0, NumHiddenLayers).Select(WindowOf).FirstOrDefault(w => w is not null);

    ModelShape IArchitecture.ToShape() => ToShape();

    internal ModelShape ToShape() => new()
    {
        Blocks = NumHiddenLayers,
        Hidden = HiddenSize,
        Vocabulary = VocabSize,
        MaxLength = (int)Math.Min(MaxPositionEmbeddings, OriginalLength ?? MaxPositionEmbeddings),
    };

    /// <inheritdoc/>
    public ModelDimensions Dimensions()
    {
        var (queries, keys) = ((long)NumAttentionHeads * HeadSize, (long)KeyValueHeads * HeadSize);
        return ModelDimensions.Of(Layout(), "model.layers.0.", isTransposed: false, new ModelDimensions
        {
            Parameters = 0, Maps = [],
            Blocks = NumHiddenLayers, Hidden = HiddenSize, Vocabulary = VocabSize, Inner = IntermediateSize,
            Queries = queries, Keys = keys, Heads = NumAttentionHeads, IsTied = TieWordEmbeddings,
            Normed = (Family.Norms == NormPlacement.Around ? 4L : 2L) * HiddenSize + (Family.QueryKeyNorm == HeadNorm.None ? 0 : queries + keys),
            // The tanh form is computed step by step.
            InnerKept = Activation.StartsWith("gelu_", StringComparison.Ordinal) ? 8 : 4,
            KeepsScores = AttnLogitSoftcapping is not null,
        });
    }

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
        ("hidden_act", Activation == "swish" ? "silu" : Activation),
        ("query_pre_attn_scalar", FormattableString.Invariant($"{ScoreScale:R}")),
        ("attn_logit_softcapping", FormattableString.Invariant($"{AttnLogitSoftcapping:R}")),
        ("final_logit_softcapping", FormattableString.Invariant($"{FinalLogitSoftcapping:R}")),
        ("rope_local_base_freq", Family.HasLocalRope ? FormattableString.Invariant($"{LocalTheta:R}") : RopeSettings.Plain),
        ("partial_rotary_factor", $"{RotarySize}"),
        ("sliding_window", string.Join(' ', Enumerable.Range(0, NumHiddenLayers).Select(i => WindowOf(i) is { } window ? $"{window}" : "none"))),
    ];

    byte[] IArchitecture.ToJson()
    {
        if (!Family.ScalesEmbedding) return JsonSerializer.SerializeToUtf8Bytes(this, LlamaConfigJson.Default.LlamaConfig);
        // Where gemma leaves one of these out it means a number.
        var json = JsonSerializer.SerializeToNode(this, LlamaConfigJson.Default.LlamaConfig)!.AsObject();
        foreach (var key in (string[])["attn_logit_softcapping", "final_logit_softcapping", "sliding_window"]) json.TryAdd(key, null);
        return Encoding.UTF8.GetBytes(json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    /// <summary>Names and shapes of all weights, in arena order.</summary>
    internal IReadOnlyList<(string Name, long[] Shape)> Layout() => LlamaLayout.Of(this);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LlamaConfig))]
internal sealed partial class LlamaConfigJson : JsonSerializerContext;
