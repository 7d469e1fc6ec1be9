using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Checkpoints;

/// <summary>Loads checkpoints in Hugging Face layout: <c>config.json</c> and safetensors, in one file or in shards.</summary>
public static class CheckpointReader
{
    /// <summary>Builds the model and loads its weights, converted to the device's data type; a file that
    /// needs no conversion is mapped, not read.</summary>
    /// <param name="weightsFile">One safetensors file in place of the folder's own weights.</param>
    /// <exception cref="CheckpointException">Unknown architecture or setting, missing or extra tensors, wrong shapes, malformed files.</exception>
    public static CausalLanguageModel Read(string folder, DeviceContext device, string? weightsFile = null) =>
        Read(Architectures.In(folder), folder, device, weightsFile);

    /// <inheritdoc cref="Read(string, DeviceContext, string?)"/>
    /// <param name="architecture">In place of the one that the folder's configuration describes.</param>
    internal static CausalLanguageModel Read(IArchitecture architecture, string folder, DeviceContext device, string? weightsFile = null)
    {
        var files = weightsFile is null ? CheckpointFiles.In(folder) : [weightsFile];
        var mapped = files.Count == 1 ? MappedWeights.TryOpen(files[0], architecture.Layout(), device) : null;
        var model = architecture.Open(device, mapped);
        try
        {
            if (mapped is null) Load(model, architecture, files);
            // What a defense or an attack made of it is judged as its own.
            if (weightsFile is null) RequireFinite(model, folder);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The largest and the smallest of all weights say it without a copy: NaN passes through both.</summary>
    private static void RequireFinite(CausalLanguageModel model, string folder)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        bool IsFinite(Tensor tensor) =>
            tensor.numel() == 0 || (double.IsFinite(tensor.max().to(ScalarType.Float64).item<double>())
                && double.IsFinite(tensor.min().to(ScalarType.Float64).item<double>()));
        if (IsFinite(model.Arena.Flat)) return;
        var parameter = model.Parameters.First(p => !IsFinite(p.Tensor));
        var count = (parameter.Tensor.isfinite().logical_not()).sum().item<long>();
        throw new CheckpointException(
            $"TITER422 {folder}: '{parameter.Name}' has {count} values that are not finite (NaN or "
                + $"infinite{(parameter.Tensor.dtype == ScalarType.Float16 ? "; float16 ends at 65504" : "")}): no answer of it means anything. "
                + "Use a checkpoint from before that.");
    }

    private static void Load(CausalLanguageModel model, IArchitecture architecture, IReadOnlyList<string> files)
    {
        using var noGrad = torch.no_grad();
        var missing = model.Parameters.ToDictionary(p => p.Name, p => p.Tensor);
        foreach (var path in files)
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var entry in file.Tensors)
            {
                if (architecture.Canonical(entry.Name) is not { } name) continue;
                if (Quantization.RefusalOf(path, entry) is { } refusal) throw refusal;
                // A buffer that an older version of the model kept; Transformers leaves it out too.
                if (!entry.IsWeight && !missing.ContainsKey(name)) continue;
                if (!missing.Remove(name, out var parameter))
                    throw new CheckpointException(
                        $"TITER417 {path} has the tensor '{entry.Name}', which the model of its config.json does not have, or has read already.");
                if (!entry.IsWeight) throw SafetensorsFile.NoWeight(path, entry);
                if (entry.Count == 0) throw new CheckpointException(
                    $"TITER417 {path}: '{entry.Name}' is empty (shape [{string.Join(", ", entry.Shape)}]): a checkpoint that DeepSpeed ZeRO-3 "
                        + "saved without gathering its weights. Save it again with stage3_gather_16bit_weights_on_model_save, or run "
                        + "zero_to_fp32.py.");
                if (!entry.Shape.SequenceEqual(parameter.shape))
                    throw new CheckpointException(
                        $"TITER417 {path}: '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}] where config.json asks for "
                            + $"[{string.Join(", ", parameter.shape)}].");
                using var scope = torch.NewDisposeScope();
                parameter.copy_(MappedWeights.Of(file, entry));
            }
        }

        if (missing.Count > 0)
            throw new CheckpointException(
                $"TITER417 {Path.GetDirectoryName(files[0])} lacks {missing.Count} tensors, for example '{missing.Keys.First()}'.");
    }
}
