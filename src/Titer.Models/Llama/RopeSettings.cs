using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Models.Llama;

/// <summary>How rotary frequencies are changed for longer texts, as <c>rope_scaling</c> or <c>rope_parameters</c> say.</summary>
/// <inheritdoc cref="LlamaConfig" path="/remarks"/>
public sealed record RopeSettings
{
    /// <summary>Kinds that are computed here.</summary>
    internal static readonly string[] Supported = ["default", "linear", "dynamic", "llama3"];

    public string? RopeType { get; set; }

    /// <summary>The older spelling of rope_type.</summary>
    public string? Type { get; set; }

    public double? RopeTheta { get; set; }

    public double Factor { get; set; } = 1;

    public double LowFreqFactor { get; set; } = 1;

    public double HighFreqFactor { get; set; } = 4;

    public double? OriginalMaxPositionEmbeddings { get; set; }

    [JsonIgnore]
    internal string Kind => RopeType ?? Type ?? "default";

    internal const string Plain = "none";

    /// <summary>What it does to the frequencies, as a text that is the same for the same function.</summary>
    [JsonIgnore]
    internal string Function => Kind switch
    {
        "linear" => FormattableString.Invariant($"linear {Factor:R}"),
        "llama3" => FormattableString.Invariant($"llama3 {Factor:R} {LowFreqFactor:R} {HighFreqFactor:R} {OriginalMaxPositionEmbeddings:R}"),
        _ => Plain,
    };

    /// <summary>
    /// The inverse frequency in use for a plain one. <c>linear</c> is Chen et al. 2023 (arXiv
    /// 2306.15595); <c>llama3</c> is the smoothed scaling of Llama 3.1
    /// (arXiv 2407.21783): short wavelengths stay, long ones are stretched, those between are mixed.
    /// <c>dynamic</c> changes nothing up to the length that the
    /// model was trained with, which is the length that is allowed here.
    /// </summary>
    internal double Scale(double frequency)
    {
        if (Kind == "linear") return frequency / Factor;
        if (Kind != "llama3") return frequency;
        var original = OriginalMaxPositionEmbeddings!.Value;
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < original / HighFreqFactor) return frequency;
        if (wavelength > original / LowFreqFactor) return frequency / Factor;
        var smooth = (original / wavelength - LowFreqFactor) / (HighFreqFactor - LowFreqFactor);
        return (1 - smooth) * frequency / Factor + smooth * frequency;
    }
}
