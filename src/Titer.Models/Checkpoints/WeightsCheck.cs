using System.Runtime.InteropServices;

namespace Titer.Models.Checkpoints;

/// <summary>Compares defended weights with the subject's, without torch: same names, shapes and data types, every value finite.
/// Names are the model's own: what it derives from other tensors is not compared.</summary>
public static class WeightsCheck
{
    /// <returns>Null when the weights are sound, else what is wrong, naming the first tensor that differs.</returns>
    public static string? Compare(string subjectFolder, string weightsFile)
    {
        try
        {
            var expected = CanonicalTensors.In(subjectFolder);
            using var weights = SafetensorsFile.Open(weightsFile);
            foreach (var tensor in weights.Tensors)
            {
                if (!expected.Remove(tensor.Name, out var original)) return $"the tensor '{tensor.Name}' is not in the subject.";
                if (!tensor.Shape.SequenceEqual(original.Shape))
                    return $"'{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}], the subject's has "
                        + $"[{string.Join(", ", original.Shape)}].";
                if (tensor.Type != original.Type) return $"'{tensor.Name}' has type {tensor.Type}, the subject's has {original.Type}.";
                if (NonFinite(weights, tensor) is > 0 and var count)
                    return $"'{tensor.Name}' has {count} values that are not finite (NaN or infinite).";
            }

            return expected.Count == 0 ? null : $"the tensor '{expected.Keys.First()}' is missing.";
        }
        catch (CheckpointException e)
        {
            return e.Message;
        }
    }

    /// <summary>Whether two checkpoints have the same tensors, of the same shapes.</summary>
    /// <returns>Null, or what is different, naming the first tensor.</returns>
    public static string? CompareShapes(string subjectFolder, string otherFolder)
    {
        try
        {
            var (expected, other) = (CanonicalTensors.In(subjectFolder), CanonicalTensors.In(otherFolder));
            foreach (var (name, tensor) in other)
            {
                if (!expected.Remove(name, out var original)) return $"the tensor '{name}' is not in the subject.";
                if (!tensor.Shape.SequenceEqual(original.Shape))
                    return $"'{name}' has shape [{string.Join(", ", tensor.Shape)}], the subject's has [{string.Join(", ", original.Shape)}].";
            }

            return expected.Count == 0 ? null : $"the tensor '{expected.Keys.First()}' is missing.";
        }
        catch (CheckpointException e)
        {
            return e.Message;
        }
    }

    private static int NonFinite(SafetensorsFile file, TensorEntry tensor)
    {
        var bytes = file.ReadBytes(tensor);
        var count = 0;
        if (tensor.Type == TensorType.F32)
        {
            foreach (var value in MemoryMarshal.Cast<byte, float>(bytes)) count += float.IsFinite(value) ? 0 : 1;
            return count;
        }

        // All exponent bits set means NaN or infinity.
        var exponent = tensor.Type == TensorType.F16 ? 0x7C00 : 0x7F80;
        foreach (var word in MemoryMarshal.Cast<byte, ushort>(bytes)) count += (word & exponent) == exponent ? 1 : 0;
        return count;
    }
}
