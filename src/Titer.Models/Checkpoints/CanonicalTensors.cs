namespace Titer.Models.Checkpoints;

/// <summary>The tensors of a checkpoint folder under the names that the model has for them, without
/// those that it derives. Reads headers only.</summary>
internal static class CanonicalTensors
{
    /// <exception cref="CheckpointException">A file is missing or malformed, the architecture is not known, or a tensor is there twice.</exception>
    public static Dictionary<string, TensorEntry> In(string folder)
    {
        var architecture = Architectures.In(folder);
        var weights = architecture.Layout().Select(weight => weight.Name).ToHashSet();
        var tensors = new Dictionary<string, TensorEntry>();
        foreach (var path in CheckpointFiles.In(folder))
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var tensor in file.Tensors)
            {
                if (architecture.Canonical(tensor.Name) is { } name && (tensor.IsWeight || weights.Contains(name)) && !tensors.TryAdd(name, tensor))
                    throw new CheckpointException(
                        $"TITER417 {path} has the tensor '{tensor.Name}', which the checkpoint has already. Download it again.");
            }
        }

        return tensors;
    }
}
