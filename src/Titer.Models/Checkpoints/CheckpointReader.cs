using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Checkpoints;

/// <summary>Loads checkpoints in Hugging Face layout: <c>config.json</c> and safetensors, in one file or in shards.</summary>
public static class CheckpointReader
{
    /// <summary>Builds the model and loads its weights, converted to the device's data type.</summary>
    /// <exception cref="CheckpointException">Unknown architecture or setting, missing or extra tensors, wrong shapes, malformed files.</exception>
    public static CausalLanguageModel Read(string folder, DeviceContext device)
    {
        var architecture = Architectures.In(folder);
        var model = architecture.Open(device);
        try
        {
            Load(model, architecture, CheckpointFiles.In(folder));
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Overwrites a model's weights with those of one safetensors file.</summary>
    public static void ReadWeights(CausalLanguageModel model, string file) => Load(model, Architectures.Of(model), [file]);

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
                parameter.copy_(torch.tensor(file.ReadSingles(entry), entry.Shape));
            }
        }

        if (missing.Count > 0)
            throw new CheckpointException($"TITER417 {Path.GetDirectoryName(files[0])} lacks {missing.Count} tensors, for example '{missing.Keys.First()}'.");
    }
}
