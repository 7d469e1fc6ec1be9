namespace Titer.Models.Llama;

/// <summary>Where a block norms.</summary>
internal enum NormPlacement
{
    /// <summary>What attention and MLP read.</summary>
    Before,

    /// <summary>What they read, and what they write.</summary>
    Around,

    /// <summary>What they write alone.</summary>
    Behind,
}

/// <summary>How queries and keys are normed before they turn.</summary>
internal enum HeadNorm
{
    None,

    /// <summary>Each head by itself, all with the same gains [head size].</summary>
    EachHead,

    /// <summary>All heads of a position together, with gains of their own [heads * head size].</summary>
    AllHeads,
}

/// <summary>What an RMS norm's weights are.</summary>
internal enum NormGain
{
    /// <summary>The gains, multiplied in the model's data type.</summary>
    Plain,

    /// <summary>The gains, multiplied in float32.</summary>
    Wide,

    /// <summary>What the gains are above one, multiplied in float32: Gemma's.</summary>
    FromOne,
}

/// <summary>Names of a block's norms by what they norm; null where the family norms nothing.</summary>
internal sealed record NormNames(string? AttentionInput, string? AttentionOutput, string? MlpInput, string? MlpOutput)
{
    public static NormNames Of(NormPlacement placement) => placement switch
    {
        NormPlacement.Before => new("input_layernorm", null, "post_attention_layernorm", null),
        NormPlacement.Around => new("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"),
        _ => new(null, "post_attention_layernorm", null, "post_feedforward_layernorm"),
    };
}

/// <summary>What a <c>model_type</c> computes that no key of its configuration says.</summary>
internal sealed record LlamaFamily
{
    private static readonly Dictionary<string, LlamaFamily> All = new()
    {
        ["llama"] = new(),
        ["mistral"] = new(),
        ["qwen2"] = new(),
        ["qwen3"] = new() { QueryKeyNorm = HeadNorm.EachHead },
        // Abdin et al. 2024 (arXiv 2404.14219, 2412.08905).
        ["phi3"] = new() { HasFusedMaps = true },
        // OLMo 2, 2025 (arXiv 2501.00656).
        ["olmo2"] = new() { Norms = NormPlacement.Behind, QueryKeyNorm = HeadNorm.AllHeads, Gain = NormGain.Wide },
        // Gemma 2, 2024 (arXiv 2408.00118).
        ["gemma2"] = new() { Norms = NormPlacement.Around, Gain = NormGain.FromOne, ScalesEmbedding = true },
        // Gemma 3, 2025 (arXiv 2503.19786).
        ["gemma3_text"] = new()
        {
            Norms = NormPlacement.Around, Gain = NormGain.FromOne, ScalesEmbedding = true, QueryKeyNorm = HeadNorm.EachHead, HasLocalRope = true,
        },
    };

    public static IReadOnlyList<string> ModelTypes { get; } = [.. All.Keys];

    public NormPlacement Norms { get; private init; }

    public HeadNorm QueryKeyNorm { get; private init; }

    public NormGain Gain { get; private init; }

    /// <summary>Queries, keys and values are one map, gate and up another.</summary>
    public bool HasFusedMaps { get; private init; }

    /// <summary>Token embeddings are multiplied by the root of their width.</summary>
    public bool ScalesEmbedding { get; private init; }

    /// <summary>Blocks with a window turn by a base of their own.</summary>
    public bool HasLocalRope { get; private init; }

    public NormNames NormNames => NormNames.Of(Norms);

    /// <summary>A type that no reader lets through is computed as Llama.</summary>
    public static LlamaFamily Of(string modelType) => All.GetValueOrDefault(modelType) ?? All["llama"];
}
