using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Models.Checkpoints;

/// <summary>The part of PEFT's <c>adapter_config.json</c> that is read and written.</summary>
/// <remarks>Setters, not init: generated deserializers overwrite the default of an init-only property that the file leaves out.</remarks>
internal sealed record PeftAdapterConfig
{
    public string PeftType { get; set; } = "LORA";

    public string? TaskType { get; set; } = "CAUSAL_LM";

    public string? BaseModelNameOrPath { get; set; }

    public int R { get; set; } = 8;

    public double LoraAlpha { get; set; } = 8;

    /// <summary>Ranks of modules that differ: the end of a module path, as a regular expression, to a rank.</summary>
    public IReadOnlyDictionary<string, int>? RankPattern { get; set; }

    public IReadOnlyDictionary<string, double>? AlphaPattern { get; set; }

    /// <summary>Scales by alpha / sqrt(rank), not alpha / rank (Kalajdzievski 2023, arXiv 2312.03732).</summary>
    public bool UseRslora { get; set; }

    public string Bias { get; set; } = "none";

    /// <summary>The base keeps [in, out] weights. Only says what the base is: factors have the same shapes either way.</summary>
    public bool FanInFanOut { get; set; }

    public bool InferenceMode { get; set; } = true;

    /// <summary>Names, or one regular expression. Written, not read: the tensors that are present decide.</summary>
    public JsonElement? TargetModules { get; set; }

    /// <summary>True, or the name of a scheme; some change the base too.</summary>
    public JsonElement? InitLoraWeights { get; set; }

    public bool UseDora { get; set; }

    public bool UseQalora { get; set; }

    public bool LoraBias { get; set; }

    public JsonElement? ModulesToSave { get; set; }

    public JsonElement? TargetParameters { get; set; }

    public JsonElement? TrainableTokenIndices { get; set; }

    public JsonElement? LayerReplication { get; set; }

    public JsonElement? AloraInvocationTokens { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PeftAdapterConfig))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class PeftAdapterJson : JsonSerializerContext;
