using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Models.Llama;

/// <summary>How rotary frequencies are changed for longer texts, as <c>rope_scaling</c> or <c>rope_parameters</c> say.</summary>
/// <inheritdoc cref="LlamaConfig" path="/remarks"/>
public sealed record RopeSettings
{
    /// <summary>Kinds that are computed here.</summary>
    internal static readonly string[] Supported = ["default", "linear", "dynamic", "llama3", "longrope", "su"];

    public string? RopeType { get; set; }

    /// <summary>The older spelling of rope_type.</summary>
    public string? Type { get; set; }

    public double? RopeTheta { get; set; }

    public double Factor { get; set; } = 1;

    public double LowFreqFactor { get; set; } = 1;

    public double HighFreqFactor { get; set; } = 4;

    public double? OriginalMaxPositionEmbeddings { get; set; }

    /// <summary>longrope: what each pair's wavelength is stretched by in texts up to the original length.</summary>
    public IReadOnlyList<double>? ShortFactor { get; set; }

    /// <summary>longrope: the same in longer texts.</summary>
    public IReadOnlyList<double>? LongFactor { get; set; }

    /// <summary>longrope: what queries and keys are multiplied by; null derives it from the two lengths.</summary>
    public double? AttentionFactor { get; set; }

    public double? PartialRotaryFactor { get; set; }

    /// <summary>Newer files of families with windows: of blocks that see everything.</summary>
    public RopeSettings? FullAttention { get; set; }

    /// <summary>Of blocks with a window.</summary>
    public RopeSettings? SlidingAttention { get; set; }

    /// <summary>Ding et al. 2024 (arXiv 2402.13753); <c>su</c> is its older name.</summary>
    [JsonIgnore]
    internal bool IsLongRope => Kind is "longrope" or "su";

    [JsonIgnore]
    internal string Kind => RopeType ?? Type ?? "default";

    internal const string Plain = "none";

    /// <summary>What it does to the frequencies, as a text that is the same for the same function.</summary>
    [JsonIgnore]
    internal string Function => Kind switch
    {
        "linear" => FormattableString.Invariant($"linear {Factor:R}"),
        "llama3" => FormattableString.Invariant($"llama3 {Factor:R} {LowFreqFactor:R} {HighFreqFactor:R} {OriginalMaxPositionEmbeddings:R}"),
        "longrope" or "su" => FormattableString.Invariant(
            $"longrope {Spelled(ShortFactor)} {Spelled(LongFactor)} {AttentionFactor:R}"),
        _ => Plain,
    };

    /// <summary>
    /// The inverse frequency in use for a plain one. <c>linear</c> is Chen et al. 2023 (arXiv
    /// 2306.15595); <c>llama3</c> is the smoothed scaling of Llama 3.1
    /// (arXiv 2407.21783): short wavelengths stay, long ones are stretched, those between are mixed.
    /// <c>dynamic</c> changes nothing up to the length that the
    /// model was trained with, which is the length that is allowed here; <c>longrope</c> has short factors up to there.
    /// </summary>
    /// <param name="pair">Which pair of a head's dimensions turns by it.</param>
    internal double Scale(double frequency, int pair = 0)
    {
        if (IsLongRope) return frequency / ShortFactor![pair];
        if (Kind == "linear") return frequency / Factor;
        if (Kind != "llama3") return frequency;
        var original = OriginalMaxPositionEmbeddings!.Value;
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < original / HighFreqFactor) return frequency;
        if (wavelength > original / LowFreqFactor) return frequency / Factor;
        var smooth = (original / wavelength - LowFreqFactor) / (HighFreqFactor - LowFreqFactor);
        return (1 - smooth) * frequency / Factor + smooth * frequency;
    }

    private static string Spelled(IReadOnlyList<double>? factors) =>
        string.Join(',', (factors ?? []).Select(f => f.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));
}
