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
        WriteWeights(model, Path.Combine(folder, CheckpointFiles.Single));
    }

    /// <summary>Writes the weights alone.</summary>
    public static void WriteWeights(CausalLanguageModel model, string file)
    {
        ArgumentNullException.ThrowIfNull(model);
        SafetensorsWriter.Write(file, model.Parameters);
    }
}
