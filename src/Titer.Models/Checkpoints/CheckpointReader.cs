using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Checkpoints;

/// <summary>Loads checkpoints in Hugging Face layout: <c>config.json</c> and safetensors, in one file or in shards.</summary>
public static class CheckpointReader
{
    /// <summary>Builds the model and loads its weights, converted to the device's data type; a file that needs no conversion is mapped, not read.</summary>
    /// <param name="weightsFile">One safetensors file in place of the folder's own weights.</param>
    /// <exception cref="CheckpointException">Unknown architecture or setting, missing or extra tensors, wrong shapes, malformed files.</exception>
    public static CausalLanguageModel Read(string folder, DeviceContext device, string? weightsFile = null)
    {
        var architecture = Architectures.In(folder);
        var files = weightsFile is null ? CheckpointFiles.In(folder) : [weightsFile];
        var mapped = files.Count == 1 ? MappedWeights.TryOpen(files[0], architecture.Layout(), device) : null;
        var model = architecture.Open(device, mapped);
        try
        {
            if (mapped is null) Load(model, architecture, files);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
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
                if (!missing.Remove(name, out var parameter))
                    throw new CheckpointException($"TITER417 {path} has the tensor '{entry.Name}', which the model of its config.json does not have, or has read already.");
                if (!entry.Shape.SequenceEqual(parameter.shape))
                    throw new CheckpointException($"TITER417 {path}: '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}] where config.json asks for [{string.Join(", ", parameter.shape)}].");
                using var scope = torch.NewDisposeScope();
                parameter.copy_(MappedWeights.Of(file, entry));
            }
        }

        if (missing.Count > 0)
            throw new CheckpointException($"TITER417 {Path.GetDirectoryName(files[0])} lacks {missing.Count} tensors, for example '{missing.Keys.First()}'.");
    }
}
