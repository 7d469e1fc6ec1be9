using System.Globalization;

namespace Titer.Models.Generation;

/// <summary>How tokens are drawn. The logits are divided by the temperature, then cut to the top k, then to the nucleus.</summary>
public sealed record SamplingOptions
{
    public const double SmallestTemperature = 1e-4;
    public const double LargestTemperature = 100;
    public const double SmallestTopP = 1e-6;

    /// <summary>Towards 0 the likeliest token alone is drawn; 1 draws from the model's own distribution.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Draws only from the smallest set of likeliest tokens whose probabilities reach this sum (nucleus
    /// sampling, Holtzman et al. 2020); 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Draws only from so many likeliest tokens; null keeps all.</summary>
    public int? TopK { get; init; }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Check()
    {
        if (!(Temperature is >= SmallestTemperature and <= LargestTemperature))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"TITER431 The sampling temperature is {Temperature}. Give one from {SmallestTemperature} to {LargestTemperature}, or generate "
                    + $"greedily."));
        if (!(TopP is >= SmallestTopP and <= 1))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"TITER431 The sampling top_p is {TopP}. Give a probability from {SmallestTopP} to 1; 1 keeps every token."));
        if (TopK < 1)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"TITER431 The sampling top_k is {TopK}. Give at least 1, or leave it out to keep every token."));
    }
}
