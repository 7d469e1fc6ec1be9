using System.Text.Json;
using Titer.Sdk.Models;

namespace Titer.Models.Checkpoints;

/// <summary>Saves an attached LoRA adapter as PEFT does; reading it back gives the same bits.</summary>
public static class PeftAdapterWriter
{
    /// <summary>Writes <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> into a folder. The adapter stays attached.</summary>
    /// <param name="baseModel">Name or path of the base, for readers; may be empty.</param>
    /// <exception cref="ArgumentException">The adapter is merged or disposed.</exception>
    public static void Write(LoraAdapter adapter, string folder, string baseModel = "")
    {
        ArgumentNullException.ThrowIfNull(adapter);
        if (adapter.Targets.Any(t => t.Adapter is null))
            throw new ArgumentException("The adapter is not attached any more. Save it before it is merged or disposed.", nameof(adapter));
        Directory.CreateDirectory(folder);
        var factors = adapter.Targets.Select(t => (t.Path, t.Adapter!.Value.A, t.Adapter.Value.B)).ToList();
        SafetensorsWriter.Write(Path.Combine(folder, PeftAdapterReader.Weights),
        [
            .. factors.SelectMany(f => new NamedParameter[]
            {
                new(PeftAdapterReader.Prefix + f.Path + PeftAdapterReader.A, f.A),
                new(PeftAdapterReader.Prefix + f.Path + PeftAdapterReader.B, f.B),
            }),
        ]);
        File.WriteAllBytes(Path.Combine(folder, PeftAdapterSettings.File),
            JsonSerializer.SerializeToUtf8Bytes(ConfigOf(adapter, baseModel), PeftAdapterJson.Default.PeftAdapterConfig));
    }

    private static PeftAdapterConfig ConfigOf(LoraAdapter adapter, string baseModel)
    {
        var modules = adapter.Targets.Select(t =>
            (Path: System.Text.RegularExpressions.Regex.Escape(t.Path), Rank: (int)t.Adapter!.Value.A.shape[0], t.Adapter.Value.Scale)).ToList();
        var (rank, alpha) = (modules[0].Rank, Alpha(modules[0].Scale, modules[0].Rank));
        var ranks = modules.Where(m => m.Rank != rank).ToDictionary(m => m.Path, m => m.Rank);
        var alphas = modules.Where(m => Alpha(m.Scale, m.Rank) != alpha).ToDictionary(m => m.Path, m => Alpha(m.Scale, m.Rank));
        return new PeftAdapterConfig
        {
            BaseModelNameOrPath = baseModel,
            R = rank,
            LoraAlpha = alpha,
            RankPattern = ranks,
            AlphaPattern = alphas,
            FanInFanOut = adapter.Targets.Any(t => t.IsTransposed),
            // Full paths: an adapter of some blocks alone stays one.
            TargetModules = JsonSerializer.SerializeToElement([.. adapter.Targets.Select(t => t.Path)], PeftAdapterJson.Default.StringArray),
        };
    }

    /// <summary>An alpha whose quotient by the rank is exactly the scale where there is one; a round one first.</summary>
    private static double Alpha(double scale, int rank)
    {
        var product = scale * rank;
        return new[] { Math.Round(product, 9), product, Math.BitIncrement(product), Math.BitDecrement(product) }.FirstOrDefault(
            a => a / rank == scale, product);
    }
}
