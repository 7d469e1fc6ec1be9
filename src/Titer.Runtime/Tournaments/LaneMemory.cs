using System.Collections.Immutable;
using System.Globalization;
using Titer.Models.Memory;
using Titer.Sdk.Models;
using Titer.Sdk.Training;

namespace Titer.Runtime.Tournaments;

/// <summary>What one phase of a subject takes of its device, in bytes, by arithmetic on configuration, options and rows.</summary>
/// <param name="Who">The entrant, or the host's own fine-tune.</param>
/// <param name="Answers">Keys, values and a pass over the prompts while the model is asked.</param>
/// <param name="Judge">Weights of the judges, which stay loaded, and what one needs to read a text.</param>
/// <param name="Second">Of a stranger's phase: the second model, which measures in a process of its own.</param>
internal sealed record LaneMemory(string Who, TrainingMemory Training, double Answers, double Judge, double Second, bool IsGpu)
{
    /// <summary>Of libraries, and of a GPU's context.</summary>
    private double Libraries => DeviceAllocator.Buffers + (IsGpu ? 0.5e9 : 0.25e9);

    /// <summary>Training and answering take turns: what passes is the larger of the two.</summary>
    public double Total => Training.Weights + Training.Gradients + Training.Optimizer
        + DeviceAllocator.Passing(Math.Max(Training.Activations, Answers), IsGpu) + Judge + Libraries
        + (Second > 0 ? Second + Libraries : 0);
}

/// <summary>The options of an entrant that say how it trains, by the names that bundled plugins and the field give them.</summary>
internal static class TrainingOptions
{
    /// <summary>Null for one that has no option of training.</summary>
    public static TrainingSetting? Of(ImmutableSortedDictionary<string, string> settings, TrainingSetting rows)
    {
        if (!settings.ContainsKey("learning_rate") && !settings.ContainsKey("batch_size")) return null;
        int? Number(string key) => settings.TryGetValue(key, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var n) ? n : null;
        bool Is(string key) => settings.TryGetValue(key, out var text) && bool.TryParse(text, out var yes) && yes;
        T Named<T>(string key, T usual) where T : struct, Enum =>
            settings.TryGetValue(key, out var text)
                && Enum.TryParse<T>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var value)
                ? value : usual;
        var batch = Number("batch_size") ?? rows.Rows;
        return rows with
        {
            Rows = (batch + (Number("accumulation_steps") ?? 1) - 1) / (Number("accumulation_steps") ?? 1),
            Optimizer = Named("optimizer", OptimizerKind.AdamW),
            LowPrecision = Named("low_precision", LowPrecisionUpdate.MasterWeights),
            Rank = Number("rank"),
            Targets = settings.GetValueOrDefault("targets") is { Length: > 0 } targets
                ? targets.Split([',', '[', ']', ' '], StringSplitOptions.RemoveEmptyEntries) : [],
            RecomputesActivations = Is("recompute_activations"),
            HasMomentum = settings.TryGetValue("momentum", out var momentum) && momentum != "0",
            WritesUnits = Is("canonical_units"),
        };
    }
}
