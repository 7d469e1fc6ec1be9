using Titer.Sdk.Models;

namespace Titer.Models.Checkpoints;

/// <summary>Saves models in Hugging Face layout; reading them back gives the same bits.</summary>
public static class CheckpointWriter
{
    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c> into a folder.</summary>
    public static void Write(CausalLanguageModel model, string folder)
    {
        ArgumentNullException.ThrowIfNull(model);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "config.json"), [.. Architectures.Of(model).ToJson(), (byte)'\n']);
        WriteWeights(model, Path.Combine(folder, CheckpointFiles.WeightsFile));
    }

    /// <summary>Writes the weights alone, in the model's data type.</summary>
    public static void WriteWeights(CausalLanguageModel model, string file)
    {
        ArgumentNullException.ThrowIfNull(model);
        SafetensorsWriter.Write(file, model.Parameters);
    }

    /// <summary>
    /// Writes the weights as the subject's own files have them: each tensor in the data type that it has there, whatever type the model computed in,
    /// rounded to nearest even. Names are the model's, in arena order.
    /// </summary>
    /// <exception cref="CheckpointException">The subject cannot be read, or a tensor is no longer of
    /// the type that the model computes in.</exception>
    public static void WriteWeights(CausalLanguageModel model, string file, string subjectFolder)
    {
        ArgumentNullException.ThrowIfNull(model);
        // Only the model's own rounding is undone here: a type that somebody else chose is a change.
        var type = model.Arena.Flat.dtype;
        if (model.Parameters.FirstOrDefault(p => p.Tensor.dtype != type) is { } changed)
            throw new CheckpointException($"TITER412 '{changed.Name}' is of type {changed.Tensor.dtype}, where the model computes in {type}.");
        var subject = CanonicalTensors.In(subjectFolder);
        SafetensorsWriter.Write(file, model.Parameters, name => subject.TryGetValue(name, out var tensor) ? tensor.Type : null);
    }
}
