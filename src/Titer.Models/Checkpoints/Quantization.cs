using System.Text.Json;

namespace Titer.Models.Checkpoints;

/// <summary>Quantized checkpoints: integers in place of weights, which cannot be trained here.</summary>
internal static class Quantization
{
    /// <summary>What older tools wrote beside config.json.</summary>
    private static readonly string[] Files = ["quantize_config.json", "quant_config.json"];

    /// <summary>Ends of the names of tensors that only such checkpoints have (GPTQ, AWQ, bitsandbytes, compressed-tensors, FP8).</summary>
    private static readonly string[] Marks =
        [".qweight", ".qzeros", ".g_idx", ".SCB", ".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", ".weight_packed", ".weight_scale",
            ".weight_scale_inv"];

    /// <exception cref="CheckpointException">The configuration says that the checkpoint is quantized.</exception>
    public static void Refuse(string path, JsonElement config)
    {
        if (config.TryGetProperty("quantization_config", out var settings) && settings.ValueKind == JsonValueKind.Object
            && settings.EnumerateObject().Any())
            throw Refusal(path,
                settings.TryGetProperty("quant_method", out var method) && method.ValueKind == JsonValueKind.String ? method.GetString() : null);
        if (Files.FirstOrDefault(name => File.Exists(Path.Combine(Path.GetDirectoryName(path)!, name))) is { } file) throw Refusal(path, file);
    }

    /// <summary>A refusal where a tensor is of such a checkpoint; null where it is not.</summary>
    public static CheckpointException? RefusalOf(string path, TensorEntry tensor) =>
        Marks.Any(mark => tensor.Name.EndsWith(mark, StringComparison.Ordinal) || tensor.Name.Contains(".quant_state.", StringComparison.Ordinal))
            ? Refusal(path, $"tensor '{tensor.Name}'")
            : null;

    public static CheckpointException Refusal(string path, string? kind) => new(
        $"TITER421 {path}: the checkpoint is quantized{(kind is null ? "" : $" ({kind})")}: it has integers in place of weights, which cannot be "
            + "trained. "
        + "Name the unquantized checkpoint that it was made from, or load it in Python, call model.dequantize() and save it again.");
}
